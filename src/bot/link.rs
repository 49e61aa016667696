//! Links into the shop: what `https://t.me/<bot>?start=…` brings along.
//!
//! Invariant: what a link opens is for everybody who follows it; it carries nothing of anybody but
//! a voucher, which is for whoever has it, and a name that is no name: the code of who invites.

use crate::bot::callback::payload::{base36, from_base36};
use crate::domain::referral::InviteCode;
use crate::domain::voucher::VoucherCode;
use crate::shop::browse::ServiceId;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// What the Buy button opens.
    Shop,
    /// What is offered for Stars.
    Stars,
    /// A voucher.
    Voucher(VoucherCode),
    /// Whoever invited one: it counts at first contact only.
    Invite(InviteCode),
    /// A service.
    Service(ServiceId),
}

impl Start {
    /// The parameter: at most 64 of `A-Z a-z 0-9 _ -`.
    pub(crate) fn encode(self) -> String {
        match self {
            Self::Shop => "buy".to_owned(),
            Self::Stars => "stars".to_owned(),
            Self::Voucher(code) => format!("v_{}", code.as_str()),
            Self::Invite(code) => format!("r_{code}"),
            Self::Service(service) => format!("s_{}", base36(service.0)),
        }
    }

    /// Reads a parameter; `None` for what we did not write.
    pub(crate) fn decode(parameter: &str) -> Option<Self> {
        if parameter == "buy" {
            return Some(Self::Shop);
        }
        if parameter == "stars" {
            return Some(Self::Stars);
        }
        if let Some(code) = parameter.strip_prefix("v_") {
            return VoucherCode::read(code).map(Self::Voucher);
        }
        if let Some(code) = parameter.strip_prefix("r_") {
            return InviteCode::read(code).map(Self::Invite);
        }
        let service = parameter.strip_prefix("s_")?;
        from_base36(service).map(|id| Self::Service(ServiceId(id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_fits_and_reads_back() {
        let services = [0, 1, 35, 36, i64::MAX].map(|id| Start::Service(ServiceId(id)));
        for start in services.into_iter().chain([
            Start::Shop,
            Start::Stars,
            Start::Voucher(VoucherCode::random()),
            Start::Invite(InviteCode::random()),
        ]) {
            let parameter = start.clone().encode();
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            assert!(
                parameter.len() <= 64 && parameter.bytes().all(fits),
                "{parameter}"
            );
            assert_eq!(Start::decode(&parameter), Some(start));
        }
        for foreign in ["", "s_", "s_A", "s_01", "ref123", "s_zzzzzzzzzzzzzzzz"] {
            assert_eq!(Start::decode(foreign), None, "{foreign}");
        }
    }
}
