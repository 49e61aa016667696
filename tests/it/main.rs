//! The integration tests: one binary, real HTTP, a real database.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]

mod answers;
mod architecture;
mod bank;
mod best;
mod browser;
mod commands;
mod corpus;
mod database;
mod demo_page;
mod doubts;
mod durability;
mod every_upstream;
mod failing_disk;
mod failing_world;
mod harness;
mod house;
mod i18n;
mod kill_loop;
mod killed;
mod killed_stars;
mod page;
mod provider_compat;
mod provider_http;
mod provider_otpbuddy;
mod provider_otpcepat;
mod provider_otpgan;
mod provider_otpget;
mod provider_otpget_cheap;
mod provider_server;
mod provider_virtusim;
mod providers;
mod restored;
mod rig;
mod sandbox_inline;
mod sandbox_stars;
mod sandbox_telegram;
mod sandbox_upstream;
mod scripted;
mod secrets;
mod shop_admin;
mod shop_catalogue;
mod shop_doubt;
mod shop_orders;
mod shop_reconcile;
mod shop_stage;
mod store_audit;
mod store_audit_stars;
mod store_ledger;
mod store_messages;
mod store_open;
mod store_writer;
mod stories;
mod stories_stars;
mod stories_upstreams;
mod stories_vouchers;
mod stories_waiting;
mod stories_words;
mod strace;
mod trade_bugs;
mod two_instances;
mod waiting;
mod window;
