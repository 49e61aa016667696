//! What admins do that changes something.
//!
//! Invariant: each word stands for one kind of act for ever: the log of acts keeps it.

/// A kind of act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Money put into a wallet.
    TopUp,
    /// Money taken out of a wallet.
    Deduct,
    /// A rule of prices.
    Price,
    /// What is decided about an upstream.
    Provider,
    /// A word on a purchase that is not proven.
    Ruling,
    /// A difference of an upstream's balance taken into the books.
    Balance,
    /// A voucher made or closed.
    Voucher,
    /// A decision on money that a user sent.
    Request,
    /// Stars given back.
    StarsRefund,
    /// The end of a recovery.
    Recovery,
    /// A role given or taken.
    Role,
    /// Something frozen, or a freeze lifted.
    Freeze,
    /// A limit of one user.
    Limit,
    /// A service hidden, pinned or renamed.
    Service,
    /// What stands on the main menu.
    Announcement,
    /// The shop closed or opened.
    Maintenance,
    /// A message to many, begun or steered.
    Broadcast,
    /// A copy of the database made.
    Backup,
    /// An order's money given back.
    OrderRefund,
    /// A user kept out, or let back in.
    Ban,
    /// A note about a user.
    Note,
    /// A message to a user.
    Message,
    /// A look at a whole number.
    Number,
    /// Orders looked up by a number.
    Find,
    /// Rows taken out of the database.
    Export,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::TopUp,
        Self::Deduct,
        Self::Price,
        Self::Provider,
        Self::Ruling,
        Self::Balance,
        Self::Voucher,
        Self::Request,
        Self::StarsRefund,
        Self::Recovery,
        Self::Role,
        Self::Freeze,
        Self::Limit,
        Self::Service,
        Self::Announcement,
        Self::Maintenance,
        Self::Broadcast,
        Self::Backup,
        Self::OrderRefund,
        Self::Ban,
        Self::Note,
        Self::Message,
        Self::Number,
        Self::Find,
        Self::Export,
    ];

    /// As it is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TopUp => "topup",
            Self::Deduct => "deduct",
            Self::Price => "price",
            Self::Provider => "provider",
            Self::Ruling => "ruling",
            Self::Balance => "balance",
            Self::Voucher => "voucher",
            Self::Request => "request",
            Self::StarsRefund => "stars-refund",
            Self::Recovery => "recovery",
            Self::Role => "role",
            Self::Freeze => "freeze",
            Self::Limit => "limit",
            Self::Service => "service",
            Self::Announcement => "announcement",
            Self::Maintenance => "maintenance",
            Self::Broadcast => "broadcast",
            Self::Backup => "backup",
            Self::OrderRefund => "order-refund",
            Self::Ban => "ban",
            Self::Note => "note",
            Self::Message => "message",
            Self::Number => "number",
            Self::Find => "find",
            Self::Export => "export",
        }
    }

    /// Whether a plain number that is noted as before or after is a sum, in minor units.
    #[must_use]
    pub const fn is_about_money(self) -> bool {
        matches!(
            self,
            Self::TopUp | Self::Deduct | Self::StarsRefund | Self::OrderRefund | Self::Request
        )
    }

    /// Reads what [`Act::as_str`] wrote.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == word)
    }
}
