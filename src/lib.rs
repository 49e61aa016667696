//! numshop: a Telegram bot that sells virtual phone numbers for SMS codes.

pub mod clock;
pub mod domain;
pub mod provider;
pub mod sandbox;
