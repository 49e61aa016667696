//! The one place where text becomes Telegram HTML.
//!
//! Invariant: an [`Html`] is well formed, and what came from outside (SMS, names, memos) is
//! escaped in it: there is no way from a `String` to an [`Html`] but through [`Html::text`] and
//! its like, and through the texts of `locales/`, whose arguments pass `Arg`.

use std::borrow::Cow;
use std::fmt;

use i18n_embed::fluent::FluentLanguageLoader;

/// Telegram's limit for the toast over a button, in characters.
const TOAST_CHARS: usize = 200;

/// Text as Telegram's HTML mode reads it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Outside text, escaped.
    pub fn text(text: &str) -> Self {
        Self(escape(text))
    }

    /// Tap-to-copy text.
    pub fn code(text: &str) -> Self {
        Self(format!("<code>{}</code>", escape(text)))
    }

    /// Bold text.
    pub fn bold(text: &str) -> Self {
        Self(format!("<b>{}</b>", escape(text)))
    }

    /// A quotation.
    pub fn quote(text: &str) -> Self {
        Self(format!("<blockquote>{}</blockquote>", escape(text)))
    }

    /// A text of `locales/` whose arguments passed [`Arg::html`]; only the macro calls this.
    pub(crate) fn of_locale(text: String) -> Self {
        Self(text)
    }

    /// Adds a line.
    #[must_use]
    pub fn line(mut self, line: impl Into<Self>) -> Self {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(&line.into().0);
        self
    }

    /// Adds a paragraph behind an empty line.
    #[must_use]
    pub fn paragraph(mut self, text: impl Into<Self>) -> Self {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.line(text)
    }

    /// What goes over the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same without any markup, for when Telegram refuses it.
    pub fn to_plain(&self) -> String {
        let mut plain = String::with_capacity(self.0.len());
        let mut in_tag = false;
        for c in self.0.chars() {
            match c {
                '<' => in_tag = true,
                '>' if in_tag => in_tag = false,
                c if !in_tag => plain.push(c),
                _ => {}
            }
        }
        // `&amp;` comes last, else `&amp;lt;` would turn into `<`.
        plain
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    }
}

/// Shows nothing: a message may hold a number or a code.
impl fmt::Debug for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Html({} bytes)", self.0.len())
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Telegram drops or refuses control characters; a line break and a tab are text.
            c if c.is_control() && c != '\n' && c != '\t' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// At most `units` UTF-16 units of `text`, with an ellipsis where something was cut off.
pub fn cut(text: &str, units: usize) -> Cow<'_, str> {
    if text.len() <= units || text.encode_utf16().count() <= units {
        return Cow::Borrowed(text);
    }
    let room = units.saturating_sub(1);
    let mut used = 0;
    let end = text
        .char_indices()
        .find(|(_, c)| {
            used += c.len_utf16();
            used > room
        })
        .map_or(text.len(), |(index, _)| index);
    Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default()))
}

/// A toast that Telegram takes.
pub fn toast(text: &str) -> String {
    cut(text, TOAST_CHARS).into_owned()
}

/// What may stand in a text of `locales/`.
pub(crate) trait Arg {
    /// What Fluent is given.
    type Out;
    /// As it stands in a message.
    fn html(self) -> Self::Out;
    /// As it stands on a button or in a toast, where there is no markup.
    fn plain(self) -> Self::Out;
}

impl Arg for &str {
    type Out = String;

    fn html(self) -> String {
        escape(self)
    }

    fn plain(self) -> String {
        self.to_owned()
    }
}

impl Arg for &String {
    type Out = String;

    fn html(self) -> String {
        escape(self)
    }

    fn plain(self) -> String {
        self.clone()
    }
}

impl Arg for String {
    type Out = Self;

    fn html(self) -> Self {
        escape(&self)
    }

    fn plain(self) -> Self {
        self
    }
}

impl Arg for Html {
    type Out = String;

    fn html(self) -> String {
        self.0
    }

    fn plain(self) -> String {
        self.to_plain()
    }
}

macro_rules! number_arg {
    ($($number:ty),*) => {$(
        impl Arg for $number {
            type Out = Self;

            fn html(self) -> Self {
                self
            }

            fn plain(self) -> Self {
                self
            }
        }
    )*};
}
number_arg!(u8, i64, u64, usize);

/// Keeps the loader's type in one place for the macros below.
pub(crate) fn loader(loader: &FluentLanguageLoader) -> &FluentLanguageLoader {
    loader
}

/// A text of `locales/` as [`Html`], checked at compile time; its arguments are escaped.
macro_rules! html {
    ($lang:expr, $id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::bot::html::Html::of_locale(i18n_embed_fl::fl!(
            $crate::bot::html::loader($lang.loader()),
            $id
            $(, $name = $crate::bot::html::Arg::html($value))*
        ))
    };
}

/// A text of `locales/` for buttons and toasts, where Telegram reads no markup.
macro_rules! plain {
    ($lang:expr, $id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        i18n_embed_fl::fl!(
            $crate::bot::html::loader($lang.loader()),
            $id
            $(, $name = $crate::bot::html::Arg::plain($value))*
        )
    };
}

pub(crate) use {html, plain};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn outside_text_is_escaped_and_comes_back_plain() {
        let html = Html::text("<b>5 & 6</b>").line(Html::code("a\"<"));
        assert_eq!(
            html.as_str(),
            "&lt;b&gt;5 &amp; 6&lt;/b&gt;\n<code>a&quot;&lt;</code>"
        );
        assert_eq!(html.to_plain(), "<b>5 & 6</b>\na\"<");
        assert_eq!(Html::text("&lt;").to_plain(), "&lt;");
    }

    #[test]
    fn cutting_counts_as_telegram_does() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        // An emoji is two units: it is kept whole or left out.
        assert_eq!(cut("😀😀😀", 5), "😀😀…");
        assert_eq!(cut("😀😀😀", 6), "😀😀😀");
    }

    proptest! {
        #[test]
        fn nothing_reaches_telegram_unescaped(text in "\\PC{0,200}") {
            let html = Html::quote(&text);
            let inside = html.as_str()
                .strip_prefix("<blockquote>").unwrap()
                .strip_suffix("</blockquote>").unwrap();
            prop_assert!(!inside.contains(['<', '>', '"']));
            for (index, _) in inside.match_indices('&') {
                let rest = &inside[index..];
                prop_assert!(["&amp;", "&lt;", "&gt;", "&quot;"].iter().any(|e| rest.starts_with(e)));
            }
            let kept: String = text.chars().filter(|c| !c.is_control()).collect();
            prop_assert_eq!(html.to_plain(), kept);
        }

        #[test]
        fn a_cut_text_fits(text in "\\PC{0,300}", units in 1_usize..300) {
            let cut = cut(&text, units);
            prop_assert!(cut.encode_utf16().count() <= units);
            if text.encode_utf16().count() <= units {
                prop_assert_eq!(cut.as_ref(), text.as_str());
            }
        }
    }
}
