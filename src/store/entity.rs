//! The tables as SeaORM sees them, one file each.
//!
//! Invariant: times are Unix milliseconds and money is whole minor units; decimals are text.

pub mod accounts;
pub mod acts;
pub mod alerts;
pub mod attempts;
pub mod broadcast_recipients;
pub mod broadcasts;
pub mod dialogues;
pub mod discrepancies;
pub mod favourites;
pub mod floats;
pub mod inbox;
pub mod intents;
pub mod lease;
pub mod news_off;
pub mod offers;
pub mod operators;
pub mod order_events;
pub mod orders;
pub mod outbox;
pub mod price_rules;
pub mod rates;
pub mod readings;
pub mod recovery;
pub mod renewals;
pub mod rentals;
pub mod roles;
pub mod services;
pub mod sms;
pub mod standings;
pub mod star_invoices;
pub mod star_payments;
pub mod star_reading;
pub mod stopped_purchases;
pub mod topup_papers;
pub mod topup_requests;
pub mod transfers;
pub mod users;
pub mod visits;
pub mod voucher_guesses;
pub mod voucher_uses;
pub mod vouchers;
pub mod watches;
