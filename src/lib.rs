//! numshop: a Telegram bot that sells virtual phone numbers for SMS codes.
//!
//! The map. Knowledge flows one way: `domain` ← `store`, `provider` ← `shop` ← `bot`, `admin`,
//! `worker` ← `app`.
//!
//! | room | what it is for | what stays true |
//! |---|---|---|
//! | [`domain`] | money, prices, the order's life, names of the market | pure: no I/O, no clock, no async |
//! | [`store`] | the database: ledger, orders, catalogue, inbox, outbox | the only place with SQL; one writer, and a ledger that is only added to |
//! | [`provider`] | one driver per upstream | whatever the wire brings becomes a typed answer; a purchase is sent once; keys never leave |
//! | [`shop`] | the use cases: browse, buy, cancel, settle, top up | the only code that joins the three above; no tap waits for the network |
//! | [`worker`] | what goes on by itself: due orders, polling, delivery, refresh | holds no truth; each item is guarded; what fails stays due |
//! | [`bot`] | the conversation with users | decides nothing about money; an update is stored before it is acknowledged |
//! | [`admin`] | the admins' commands | its own branch behind a check that is made at every step |
//! | [`config`] | the settings | read once; anything wrong ends the start with one sentence |
//! | [`clock`] | the time | a value that is handed in, so that tests and the demo can move it |
//! | [`planted`] | deliberate bugs, to prove that the simulator finds bugs | none is there unless a test asks for it |
//! | [`sandbox`] | simulated upstreams and a simulated Telegram | knows the wire contracts only, nothing of the shop |
//! | [`app`] | puts it together; the demo | the only place that knows everything |

pub mod admin;
pub mod app;
pub mod bot;
pub mod clock;
pub mod config;
pub mod domain;
pub mod planted;
pub mod provider;
pub mod sandbox;
pub mod shop;
pub mod store;
pub mod worker;
