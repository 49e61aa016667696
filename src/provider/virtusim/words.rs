//! What VirtuSIM's words mean, in Indonesian and in English.
//!
//! Invariant: only words that leave no doubt are translated; the rest is for the caller to judge.

use crate::provider::wire::envelope::Refusal;
use crate::provider::{ActivationState, CancelAnswer};

/// The error a refusal stands for; `text` is in lower case.
pub(super) fn refusal(text: &str) -> Option<Refusal> {
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if has(&["api key", "apikey", "api_key"]) {
        return Some(Refusal::Refused);
    }
    if has(&[
        "saldo tidak",
        "saldo kurang",
        "saldo anda tidak",
        "insufficient balance",
    ]) || has(&["balance is not enough", "not enough balance"])
    {
        return Some(Refusal::NoFunds);
    }
    if has(&[
        "layanan tidak tersedia",
        "service not available",
        "service unavailable",
    ]) || has(&[
        "stok habis",
        "stok kosong",
        "out of stock",
        "nomor tidak tersedia",
    ]) || has(&["no number available", "no numbers available"])
    {
        return Some(Refusal::OutOfStock);
    }
    if has(&["tidak ditemukan", "not found"]) {
        return Some(Refusal::NotFound);
    }
    if has(&["terlalu banyak permintaan", "too many request"]) {
        return Some(Refusal::RateLimited);
    }
    if has(&["maintenance", "dalam perbaikan"]) {
        return Some(Refusal::Unavailable);
    }
    has(&["permintaan tidak sesuai", "gagal cancel", "invalid request"]).then_some(Refusal::Refused)
}

/// Whether a refusal of a list says that the list is empty.
pub(super) fn none_active(text: &str) -> bool {
    matches!(
        text.trim()
            .trim_end_matches(['.', '!'])
            .to_lowercase()
            .as_str(),
        "no active orders" | "no active order" | "tidak ada pesanan aktif"
    )
}

/// What a refused cancellation means; `None` when it has nothing to do with the order's state.
pub(super) fn cancel(text: &str) -> Option<CancelAnswer> {
    let text = text.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if refusal(&text) == Some(Refusal::Refused) && text.contains("key") {
        return None;
    }
    // Whole words: "setelah" (after) is not "telah" (already).
    if text
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| matches!(word, "sudah" | "telah" | "already"))
    {
        return Some(CancelAnswer::AlreadyClosed);
    }
    if has(&["gagal cancel", "permintaan tidak sesuai"]) {
        return Some(CancelAnswer::NotNow);
    }
    match refusal(&text) {
        Some(
            Refusal::NotFound
            | Refusal::RateLimited
            | Refusal::Refused
            | Refusal::Unavailable
            | Refusal::NoFunds
            | Refusal::OutOfStock
            | Refusal::PriceRose,
        ) => None,
        None => Some(CancelAnswer::NotNow),
    }
}

/// Where an order stands, by its status word and by whether an SMS came with it.
///
/// An SMS outweighs every word: what was delivered is delivered.
pub(super) fn state(word: &str, has_sms: bool) -> Option<ActivationState> {
    let state = match word.trim().to_lowercase().as_str() {
        "ready" | "pending" | "processing" | "otp diterima" if has_sms => ActivationState::Received,
        // "Otp Diterima" without a readable SMS is asked about again.
        "ready" | "pending" | "processing" | "otp diterima" => ActivationState::Waiting,
        // "Success" says that an SMS came, not that the order was closed: another one may follow.
        "success" if has_sms => ActivationState::Received,
        "success" => ActivationState::Finished,
        "error" if has_sms => ActivationState::Finished,
        "error" | "cancel" | "canceled" | "cancelled" => ActivationState::Cancelled,
        _ if has_sms => ActivationState::Received,
        _ => return None,
    };
    Some(state)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("API Key salah", Some(Refusal::Refused))]
    #[case("Incorrect API Key", Some(Refusal::Refused))]
    #[case("Saldo tidak cukup", Some(Refusal::NoFunds))]
    #[case("Layanan tidak ditemukan", Some(Refusal::NotFound))]
    #[case("Layanan tidak tersedia", Some(Refusal::OutOfStock))]
    #[case("Pesanan tidak ditemukan", Some(Refusal::NotFound))]
    #[case("Gagal Cancel", Some(Refusal::Refused))]
    #[case("Permintaan tidak sesuai", Some(Refusal::Refused))]
    #[case("Something new", None)]
    fn refusals(#[case] text: &str, #[case] expected: Option<Refusal>) {
        assert_eq!(refusal(&text.to_lowercase()), expected);
    }

    #[rstest]
    #[case("No active orders", true)]
    #[case("no active orders.", true)]
    #[case("API Key salah", false)]
    #[case("Akun tidak ada atau tidak aktif", false)]
    fn an_empty_list_in_words(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(none_active(text), expected);
    }

    #[rstest]
    #[case("Gagal Cancel", Some(CancelAnswer::NotNow))]
    #[case("Permintaan tidak sesuai", Some(CancelAnswer::NotNow))]
    #[case("Tunggu sebentar", Some(CancelAnswer::NotNow))]
    #[case("Pesanan sudah dibatalkan", Some(CancelAnswer::AlreadyClosed))]
    #[case("Cancel bisa setelah 3 menit", Some(CancelAnswer::NotNow))]
    #[case("Pesanan tidak ditemukan", None)]
    #[case("API Key salah", None)]
    #[case("API Key sudah tidak berlaku", None)]
    fn refused_cancellations(#[case] text: &str, #[case] expected: Option<CancelAnswer>) {
        assert_eq!(cancel(text), expected);
    }

    #[rstest]
    #[case("Ready", false, Some(ActivationState::Waiting))]
    #[case("Ready", true, Some(ActivationState::Received))]
    #[case("Otp Diterima", true, Some(ActivationState::Received))]
    #[case("Otp Diterima", false, Some(ActivationState::Waiting))]
    #[case("Pending", false, Some(ActivationState::Waiting))]
    #[case("Processing", false, Some(ActivationState::Waiting))]
    #[case("Success", true, Some(ActivationState::Received))]
    #[case("Success", false, Some(ActivationState::Finished))]
    #[case("Error", false, Some(ActivationState::Cancelled))]
    #[case("Error", true, Some(ActivationState::Finished))]
    #[case("Meditating", false, None)]
    #[case("Meditating", true, Some(ActivationState::Received))]
    fn states(#[case] word: &str, #[case] sms: bool, #[case] expected: Option<ActivationState>) {
        assert_eq!(state(word, sms), expected);
    }
}
