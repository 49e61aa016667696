//! The books as tables for other programs.
//!
//! Invariant: rows are read page by page and written as they come, so memory stays bounded. No
//! cell can be taken for a formula, and none holds a number, a code or an SMS.

use std::fs::File;
use std::io::{self, Write};

use chrono::SecondsFormat;
use rust_decimal::Decimal;

use crate::domain::act::Act;
use crate::domain::days::Days;
use crate::domain::id::UserId;
use crate::domain::money::Currency;
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::export::{self, OrderRow, TransferRow, UserRow};
use crate::store::{Store, StoreError, from_ms, work};

/// Decimals of an upstream's currency in the ledger.
const MILLIONTHS: u32 = 6;
/// A cell that begins so is a formula for spreadsheets.
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

const ORDER_COLUMNS: [&str; 17] = [
    "order",
    "user",
    "product",
    "service",
    "country",
    "operator",
    "state",
    "reason",
    "price",
    "currency",
    "upstream",
    "upstream_id",
    "cost",
    "cost_currency",
    "sms",
    "created_at",
    "updated_at",
];
const TRANSFER_COLUMNS: [&str; 10] = [
    "transfer", "at", "kind", "from", "to", "amount", "currency", "order", "by", "memo",
];
const USER_COLUMNS: [&str; 13] = [
    "user",
    "name",
    "username",
    "language",
    "since",
    "last_here",
    "banned_at",
    "blocks_since",
    "note",
    "available",
    "held",
    "currency",
    "orders",
];

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// All orders of all products.
    Orders,
    /// All transfers of the ledger.
    Transfers,
    /// All users.
    Users,
}

impl Table {
    /// As it is typed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Transfers => "transfers",
            Self::Users => "users",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Orders, Self::Transfers, Self::Users]
            .into_iter()
            .find(|table| table.as_str() == word)
    }

    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Orders => &ORDER_COLUMNS,
            Self::Transfers => &TRANSFER_COLUMNS,
            Self::Users => &USER_COLUMNS,
        }
    }
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The rows could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file could not be written.
    #[error("the file could not be written: {0}")]
    File(#[from] io::Error),
    /// The rows do not fit into as many files as anybody wants to open.
    #[error("that is too much for a message; a shorter time fits")]
    TooMuch,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which rows.
    pub table: Table,
    /// Of which days; `None` for all.
    pub days: Option<Days>,
    /// The wallets' currency.
    pub currency: Currency,
}

/// Where pages go.
pub trait Sheet: Send {
    /// Writes whole rows; `heading` stands above the first of a file.
    ///
    /// # Errors
    /// What the file says.
    fn write(&mut self, heading: &[u8], rows: &[u8]) -> Result<(), ExportError>;
}

/// One file, however large.
#[derive(Debug)]
pub struct OneFile {
    file: File,
    is_begun: bool,
}

impl OneFile {
    /// An empty file.
    #[must_use]
    pub const fn new(file: File) -> Self {
        Self {
            file,
            is_begun: false,
        }
    }
}

impl Sheet for OneFile {
    fn write(&mut self, heading: &[u8], rows: &[u8]) -> Result<(), ExportError> {
        if !std::mem::replace(&mut self.is_begun, true) {
            self.file.write_all(heading)?;
        }
        Ok(self.file.write_all(rows)?)
    }
}

/// Several files, none larger than may be sent.
#[derive(Debug)]
pub struct Parts {
    most_bytes: usize,
    most_parts: usize,
    parts: Vec<(File, usize)>,
}

impl Parts {
    /// At most so many files of at most so many bytes.
    #[must_use]
    pub const fn new(most_bytes: usize, most_parts: usize) -> Self {
        Self {
            most_bytes,
            most_parts,
            parts: Vec::new(),
        }
    }

    /// The files, in order, and how large each is.
    #[must_use]
    pub fn into_files(self) -> Vec<(File, usize)> {
        self.parts
    }
}

impl Sheet for Parts {
    fn write(&mut self, heading: &[u8], rows: &[u8]) -> Result<(), ExportError> {
        let fits = |(_, bytes): &(File, usize)| bytes + rows.len() <= self.most_bytes;
        if !self.parts.last().is_some_and(fits) {
            if self.parts.len() == self.most_parts {
                return Err(ExportError::TooMuch);
            }
            // Where only the working folder may be written, as under systemd's protection.
            let mut file = tempfile::tempfile().or_else(|_| tempfile::tempfile_in("."))?;
            file.write_all(heading)?;
            self.parts.push((file, heading.len()));
        }
        if let Some((file, bytes)) = self.parts.last_mut() {
            file.write_all(rows)?;
            *bytes += rows.len();
        }
        Ok(())
    }
}

/// Writes all that is wanted; how many rows that were.
///
/// # Errors
/// [`ExportError`]; what was written by then is worth nothing.
pub async fn export(
    store: &Store,
    wanted: Wanted,
    sheet: &mut dyn Sheet,
) -> Result<u64, ExportError> {
    let heading = lines([wanted.table.columns().iter().map(|it| (*it).to_owned())])?;
    let read = store.read();
    let days = wanted.days.as_ref();
    let decimals = wanted.currency.decimals();
    let code = wanted.currency.code();
    // Telegram's numbers of users are never negative, nor are ours.
    let (mut after, mut written) = (-1, 0_u64);
    sheet.write(&heading, &[])?;
    loop {
        let (rows, last, count) = match wanted.table {
            Table::Orders => {
                let rows = export::orders(read, days, after).await?;
                let last = rows.last().map(|row| row.id);
                let count = rows.len();
                let cells = rows.into_iter().map(|row| order(row, code, decimals));
                (lines(cells)?, last, count)
            }
            Table::Transfers => {
                let rows = export::transfers(read, days, after).await?;
                let last = rows.last().map(|row| row.id);
                let count = rows.len();
                let cells = rows.into_iter().map(|row| transfer(row, decimals));
                (lines(cells)?, last, count)
            }
            Table::Users => {
                let rows = export::users(read, days, after).await?;
                let last = rows.last().map(|row| row.id);
                let count = rows.len();
                let cells = rows.into_iter().map(|row| user(row, code, decimals));
                (lines(cells)?, last, count)
            }
        };
        let Some(last) = last else {
            return Ok(written);
        };
        sheet.write(&heading, &rows)?;
        after = last;
        written += count as u64;
    }
}

/// Rows as CSV.
fn lines<Cells: IntoIterator<Item = String>>(
    rows: impl IntoIterator<Item = Cells>,
) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        let cells: Vec<String> = row.into_iter().map(harmless).collect();
        writer.write_record(cells).map_err(io::Error::other)?;
    }
    let written = writer.into_inner();
    Ok(written.map_err(|error| io::Error::other(error.to_string()))?)
}

/// No spreadsheet takes it for a formula.
fn harmless(cell: String) -> String {
    if cell.starts_with(FORMULAS) {
        return format!("'{cell}");
    }
    cell
}

fn time(at_ms: Option<i64>) -> String {
    let written = at_ms.map(|at_ms| from_ms(at_ms).to_rfc3339_opts(SecondsFormat::Secs, true));
    written.unwrap_or_default()
}

fn amount(minor: i64, decimals: u32) -> String {
    Decimal::new(minor, decimals).to_string()
}

fn order(row: OrderRow, currency: &str, decimals: u32) -> Vec<String> {
    vec![
        row.id.to_string(),
        row.user_id.to_string(),
        row.product,
        row.service_name,
        row.country,
        row.operator.unwrap_or_default(),
        row.state,
        row.reason.unwrap_or_default(),
        amount(row.price, decimals),
        currency.to_owned(),
        row.provider.unwrap_or_default(),
        row.upstream_id.unwrap_or_default(),
        row.cost.unwrap_or_default(),
        row.cost_currency.unwrap_or_default(),
        row.sms.to_string(),
        time(Some(row.created_at_ms)),
        time(Some(row.updated_at_ms)),
    ]
}

fn transfer(row: TransferRow, decimals: u32) -> Vec<String> {
    let is_upstream = row.from_account.starts_with("provider:");
    let decimals = if is_upstream { MILLIONTHS } else { decimals };
    vec![
        row.id.to_string(),
        time(Some(row.at_ms)),
        row.kind,
        row.from_account,
        row.to_account,
        amount(row.amount, decimals),
        row.currency,
        row.order_id.map_or_else(String::new, |id| id.to_string()),
        row.actor,
        row.memo.unwrap_or_default(),
    ]
}

fn user(row: UserRow, currency: &str, decimals: u32) -> Vec<String> {
    vec![
        row.id.to_string(),
        row.first_name,
        row.username.unwrap_or_default(),
        row.language.unwrap_or_default(),
        time(Some(row.created_at_ms)),
        time(row.seen_at_ms),
        time(row.banned_at_ms),
        time(row.unreachable_since_ms),
        row.note.unwrap_or_default(),
        amount(row.available.unwrap_or(0), decimals),
        amount(row.held.unwrap_or(0), decimals),
        currency.to_owned(),
        row.orders.to_string(),
    ]
}

impl Shop {
    /// Writes a table for an admin; how many rows that were. It is noted before anything is read.
    ///
    /// # Errors
    /// [`ExportError`].
    pub async fn export(
        &self,
        admin: UserId,
        table: Table,
        days: Option<Days>,
        sheet: &mut dyn Sheet,
    ) -> Result<u64, ExportError> {
        let _turn = self.exporting.lock().await;
        let books = self.books(Cause::Admin(admin));
        let what = days.map_or_else(|| "all".to_owned(), |days| days.to_string());
        self.store
            .write(move |tx| {
                work(async move {
                    let act = books.act(admin, Act::Export, table.as_str().to_owned());
                    let after = Some(what);
                    acts::note(tx, NewAct { after, ..act }).await
                })
            })
            .await?;
        let wanted = Wanted {
            table,
            days,
            currency: self.terms.currency,
        };
        export(&self.store, wanted, sheet).await
    }
}

impl From<ExportError> for ShopError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => error.into(),
            ExportError::File(error) => Self::CannotWrite(error.to_string()),
            ExportError::TooMuch => Self::Internal(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+62 812", "'+62 812"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("1=1", "1=1"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell.to_owned()), written);
        }
    }

    #[test]
    fn a_part_ends_before_it_is_too_large() {
        let mut parts = Parts::new(20, 2);
        for _ in 0..2 {
            parts.write(b"heading\n", b"0123456789\n").unwrap();
        }
        let third = parts.write(b"heading\n", b"0123456789\n");
        assert!(matches!(third, Err(ExportError::TooMuch)));
        let sizes: Vec<usize> = parts.into_files().iter().map(|(_, size)| *size).collect();
        assert_eq!(sizes, [19, 19]);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(cells in proptest::collection::vec("\\PC{0,20}|[=+@\\t\\r\\n\",;-]{1,6}", 2..5)) {
            let written = lines([cells.clone()]).unwrap();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&*written);
            let row = reader.records().next().unwrap().unwrap();
            let read: Vec<String> = row.iter().map(str::to_owned).collect();
            let expected: Vec<String> = cells.into_iter().map(harmless).collect();
            prop_assert_eq!(&read, &expected);
            prop_assert!(read.iter().all(|cell| !cell.starts_with(FORMULAS)));
        }
    }
}
