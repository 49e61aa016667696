//! numshop: a Telegram bot that sells virtual phone numbers for SMS codes.

pub mod admin;
pub mod app;
pub mod bot;
pub mod clock;
pub mod config;
pub mod domain;
pub mod provider;
pub mod sandbox;
pub mod shop;
pub mod store;
pub mod worker;
