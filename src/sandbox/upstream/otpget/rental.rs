//! OTPGet's wire language at its rentals: JSON with the HTTP status once more in `status`, as a
//! string; nearly all numbers are strings, too.
//!
//! Invariant: an expiry carries no zone and is by a clock in Karachi; an SMS never has its code
//! beside it.

use axum::http::Method;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::sandbox::upstream::dialect::{Reply, WireRequest};
use crate::sandbox::upstream::engine::{Effects, Engine, Refusal};
use crate::sandbox::upstream::php;
use crate::sandbox::upstream::rental::{self, Place, Rental};

/// Where it answers.
pub(super) const PATH: &str = "/stubs/rental-handler.php";

const KARACHI: TimeDelta = TimeDelta::hours(5);
/// The durations that there are, in hours; the second server knows the long ones only.
const DURATIONS: [u32; 6] = [12, 24, 168, 720, 4_320, 8_640];
const SHORTEST_ON_TWO: u32 = 720;

/// An answer with `status` before its own fields.
#[derive(Serialize)]
struct Body<T> {
    status: &'static str,
    #[serde(flatten)]
    fields: T,
}

fn done<T: Serialize>(fields: T) -> Reply {
    let status = "200";
    Reply::json(200, php::encode(&Body { status, fields }))
}

#[derive(Serialize)]
struct Failed {
    status: String,
    message: &'static str,
}

fn failed(status: u16, message: &'static str) -> Reply {
    let body = Failed {
        status: status.to_string(),
        message,
    };
    Reply::json(status, php::encode(&body))
}

/// Its own error with this status.
pub(super) fn complaint(status: u16) -> Reply {
    let message = match status {
        401 => "Invalid API key",
        402 => "Insufficient balance",
        403 => "Account is blocked",
        404 => "Rental not found or does not belong to you",
        500 => "Database error, no balance was deducted",
        502 => "Upstream provider error",
        503 => "This server is currently disabled",
        _ => "Invalid request",
    };
    failed(status, message)
}

/// Carries a request out.
pub(super) fn answer(engine: &mut Engine, request: &WireRequest, effects: &Effects) -> Reply {
    if request.method != Method::GET {
        return failed(400, "Invalid request method");
    }
    let Some(account) = engine.account(request.parameter("api_key")) else {
        return complaint(401);
    };
    let outcome = match request.parameter("action") {
        "getRentalCountries" => countries(engine, request),
        "getRentalPricing" => pricing(engine, request, effects),
        "getAvailableRentals" => available(engine, request),
        "rentNumber" => rent(engine, account, request, effects),
        "getMyRentals" => Ok(mine(engine, account)),
        "getRentalSMS" => messages(engine, account, request),
        "renewRental" => renew(engine, account, request, effects),
        _ => Err(failed(400, "Invalid action")),
    };
    outcome.unwrap_or_else(|refusal| refusal)
}

#[derive(Serialize)]
struct CountryRow {
    id: String,
    provider: String,
    name: &'static str,
    country_code: &'static str,
}

#[derive(Serialize)]
struct Countries {
    countries: Vec<CountryRow>,
}

fn countries(engine: &Engine, request: &WireRequest) -> Result<Reply, Reply> {
    let asked = request.parameter("provider");
    if !asked.is_empty() {
        server(request)?;
    }
    let rows = (1..).zip(engine.places());
    let rows = rows.map(|(id, place): (u32, _)| CountryRow {
        id: id.to_string(),
        provider: place.server.to_string(),
        name: place.name,
        country_code: place.country_code,
    });
    let countries = rows
        .filter(|row| asked.is_empty() || row.provider == asked)
        .collect();
    Ok(done(Countries { countries }))
}

fn server(request: &WireRequest) -> Result<u8, Reply> {
    match request.parameter("provider") {
        "" => Err(failed(400, "Missing required parameters")),
        "1" => Ok(1),
        "2" => Ok(2),
        _ => Err(failed(400, "Invalid provider")),
    }
}

/// Where in the books the place of a request is; `None` where nothing is for rent.
fn place(engine: &Engine, request: &WireRequest) -> Result<Option<usize>, Reply> {
    let (server, country) = (server(request)?, request.parameter("country_code"));
    if country.is_empty() {
        return Err(failed(400, "Missing required parameters"));
    }
    let mut places = engine.places().iter();
    Ok(places.position(|it| it.server == server && it.country_code == country))
}

fn no_pricing() -> Reply {
    failed(404, "No pricing found for this country and duration")
}

#[derive(Serialize)]
struct PriceRow {
    id: String,
    duration_hours: String,
    price: String,
    country_name: &'static str,
}

#[derive(Serialize)]
struct Pricing {
    pricing: Vec<PriceRow>,
}

fn pricing(engine: &Engine, request: &WireRequest, effects: &Effects) -> Result<Reply, Reply> {
    let index = place(engine, request)?.ok_or_else(no_pricing)?;
    let place = engine.places().get(index).ok_or_else(no_pricing)?;
    let hours = place.prices.iter().map(|(hours, _)| *hours);
    let rows = (1..).zip(hours).filter_map(|(id, hours): (u32, _)| {
        let price = Engine::rental_price(place, hours, effects)?;
        Some(PriceRow {
            id: id.to_string(),
            duration_hours: hours.to_string(),
            price: format!("{price:.2}"),
            country_name: place.name,
        })
    });
    Ok(done(Pricing {
        pricing: rows.collect(),
    }))
}

#[derive(Serialize)]
struct AreaRow {
    area_code: &'static str,
    area_title: &'static str,
    available: u64,
    min_month: u32,
}

#[derive(Serialize)]
struct Available {
    available: Vec<AreaRow>,
}

fn available(engine: &Engine, request: &WireRequest) -> Result<Reply, Reply> {
    let index = place(engine, request)?;
    let place = index.and_then(|index| engine.places().get(index));
    let areas = place.map_or(&[][..], |place: &Place| &place.areas).iter();
    let areas = areas.filter(|area| area.left > 0);
    Ok(done(Available {
        available: areas
            .map(|area| AreaRow {
                area_code: area.code,
                area_title: area.title,
                available: area.left,
                min_month: area.min_month,
            })
            .collect(),
    }))
}

/// The duration of a request.
fn duration(request: &WireRequest) -> Result<u32, Reply> {
    match request.parameter("duration_hours") {
        "" => Err(failed(400, "Missing required parameters")),
        text => {
            let hours = text.parse().ok();
            hours
                .filter(|hours| DURATIONS.contains(hours))
                .ok_or_else(|| failed(400, "Invalid duration"))
        }
    }
}

fn is_sold_by(server: u8, hours: u32) -> Result<(), Reply> {
    if server == 2 && hours < SHORTEST_ON_TWO {
        return Err(failed(400, "Invalid duration for this provider"));
    }
    Ok(())
}

fn refused(refusal: Refusal) -> Reply {
    match refusal {
        Refusal::NoFunds => complaint(402),
        Refusal::NoStock => failed(400, "No numbers available for this country"),
        Refusal::WrongState => failed(400, "This rental has expired"),
        Refusal::UnknownOrder | Refusal::TooEarly | Refusal::HasSms | Refusal::NoSms => {
            complaint(404)
        }
    }
}

fn amount(amount: Decimal) -> String {
    format!("{amount:.2}")
}

fn local(moment: DateTime<Utc>) -> String {
    let karachi = moment.naive_utc() + KARACHI;
    karachi.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The number as the server writes it.
fn written(number: &str, server: u8) -> String {
    if server == 1 {
        number.to_owned()
    } else {
        format!("+{number}")
    }
}

#[derive(Serialize)]
struct Rented {
    phone: String,
    order_id: String,
    duration_hours: u32,
    price_paid: String,
    new_balance: String,
    expires: String,
}

fn rent(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Result<Reply, Reply> {
    let (index, hours, server) = (
        place(engine, request)?,
        duration(request)?,
        server(request)?,
    );
    is_sold_by(server, hours)?;
    let index = index.ok_or_else(no_pricing)?;
    let place = engine.places().get(index).ok_or_else(no_pricing)?;
    place.price(hours).ok_or_else(no_pricing)?;
    let id = engine
        .rent(account, index, hours, effects)
        .map_err(refused)?;
    let balance = engine.balance(account);
    let rental = engine.rental(account, id).ok_or_else(|| complaint(500))?;
    Ok(done(Rented {
        phone: written(&rental.number, server),
        order_id: rental.order_name(),
        duration_hours: hours,
        price_paid: amount(rental.charged),
        new_balance: amount(balance),
        expires: local(rental.expires_at),
    }))
}

#[derive(Serialize)]
struct RentalRow {
    id: String,
    server: String,
    phone_number: String,
    order_id: String,
    status: &'static str,
    country_code: &'static str,
    expiry_time: String,
}

#[derive(Serialize)]
struct Mine {
    rentals: Vec<RentalRow>,
}

fn mine(engine: &mut Engine, account: usize) -> Reply {
    let now = engine.now();
    let rentals = engine.rentals().to_vec();
    let of_account = rentals.iter().rev().filter(|it| it.account == account);
    let rows = of_account.filter_map(|rental: &Rental| {
        let place = engine.place_of(rental)?;
        Some(RentalRow {
            id: rental.id.to_string(),
            server: place.server.to_string(),
            phone_number: written(&rental.number, place.server),
            order_id: rental.order_name(),
            status: if rental.expires_at <= now {
                "expired"
            } else {
                "active"
            },
            country_code: place.country_code,
            expiry_time: local(rental.expires_at),
        })
    });
    done(Mine {
        rentals: rows.collect(),
    })
}

#[derive(Serialize)]
struct MessageRow {
    from: &'static str,
    text: String,
    code: &'static str,
    timestamp: String,
}

#[derive(Serialize)]
struct Messages {
    messages: Vec<MessageRow>,
}

fn messages(engine: &mut Engine, account: usize, request: &WireRequest) -> Result<Reply, Reply> {
    let id = rental::number_of(request.parameter("order_id"));
    let rental = id.and_then(|id| engine.rental(account, id));
    let rental = rental.ok_or_else(|| complaint(404))?;
    let rows = rental.sms.iter().map(|sms| MessageRow {
        from: sms.from,
        text: sms.text.clone(),
        code: "",
        timestamp: sms.at.to_rfc3339_opts(SecondsFormat::Secs, true),
    });
    Ok(done(Messages {
        messages: rows.collect(),
    }))
}

#[derive(Serialize)]
struct Renewed {
    phone_number: String,
    duration_hours: u32,
    price_paid: String,
    new_balance: String,
    new_expiry: String,
}

fn renew(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Result<Reply, Reply> {
    let hours = duration(request)?;
    let id = request.parameter("rental_id").parse::<u64>();
    let id = id.map_err(|_| complaint(404))?;
    let rental = engine.rental(account, id).cloned();
    let rental = rental.ok_or_else(|| complaint(404))?;
    let place = engine.place_of(&rental).ok_or_else(no_pricing)?;
    let server = place.server;
    is_sold_by(server, hours)?;
    place.price(hours).ok_or_else(no_pricing)?;
    let paid = engine.renew(account, id, hours, effects).map_err(refused)?;
    let balance = engine.balance(account);
    let rental = engine.rental(account, id).ok_or_else(|| complaint(500))?;
    Ok(done(Renewed {
        phone_number: written(&rental.number, server),
        duration_hours: hours,
        price_paid: amount(paid),
        new_balance: amount(balance),
        new_expiry: local(rental.expires_at),
    }))
}
