//! Telegram's HTML parse mode: source text in, plain text and entities out.
//!
//! Invariant: offsets of entities are UTF-16 code units of the plain text, offsets in errors are
//! bytes of the source. The rules and the wording of errors follow TDLib's HTML parser.

use serde::{Deserialize, Serialize};

/// A stretch of formatted text, as the Bot API's `MessageEntity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// The Bot API's name: `bold`, `code`, `text_link`, `bot_command` and so on.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it starts, in UTF-16 code units.
    pub offset: usize,
    /// How long it is, in UTF-16 code units.
    pub length: usize,
    /// The target of a `text_link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The programming language of a `pre`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The id of a `custom_emoji`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_emoji_id: Option<String>,
}

impl Entity {
    pub(super) fn new(kind: &str, offset: usize, length: usize) -> Self {
        Self {
            kind: kind.to_owned(),
            offset,
            length,
            url: None,
            language: None,
            custom_emoji_id: None,
        }
    }

    fn end(&self) -> usize {
        self.offset + self.length
    }
}

/// Plain text and what is formatted in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Styled {
    /// What people read.
    pub text: String,
    /// What is formatted in it, by its place.
    pub entities: Vec<Entity>,
}

/// The length in UTF-16 code units, which is what the Bot API counts offsets in.
pub(super) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Reads text in the HTML parse mode.
///
/// # Errors
/// TDLib's words for what it cannot read, without any prefix.
pub fn parse_html(source: &str) -> Result<Styled, String> {
    let mut parser = Parser {
        source,
        at: 0,
        units: 0,
        out: Styled::default(),
        open: Vec::new(),
    };
    parser.run()?;
    let mut styled = parser.out;
    styled
        .entities
        .sort_by(|a, b| a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)));
    Ok(styled)
}

struct OpenTag {
    name: String,
    argument: Option<String>,
    offset: usize,
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    units: usize,
    out: Styled,
    open: Vec<OpenTag>,
}

const TAGS: &[&str] = &[
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

impl Parser<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(next) = self.peek() {
            match next {
                '&' => {
                    let decoded = self.character_reference().unwrap_or_else(|| {
                        self.at += 1;
                        '&'
                    });
                    self.push(decoded);
                }
                '<' if self.source[self.at..].starts_with("</") => self.end_tag()?,
                '<' => self.start_tag()?,
                plain => {
                    self.at += plain.len_utf8();
                    self.push(plain);
                }
            }
        }
        match self.open.last() {
            None => Ok(()),
            Some(tag) => Err(format!(
                "Can't find end tag corresponding to start tag \"{}\"",
                tag.name
            )),
        }
    }

    fn peek(&self) -> Option<char> {
        self.source[self.at..].chars().next()
    }

    fn push(&mut self, character: char) {
        self.units += character.len_utf16();
        self.out.text.push(character);
    }

    /// Decodes `&lt;` and its kin at the present place; anything unknown stays an ampersand.
    fn character_reference(&mut self) -> Option<char> {
        let rest = &self.source[self.at + 1..];
        let (decoded, length) = if let Some(number) = rest.strip_prefix('#') {
            let (digits, radix, skipped) = match number.strip_prefix(['x', 'X']) {
                Some(hex) => (hex, 16, 2),
                None => (number, 10, 1),
            };
            let end = digits
                .find(|c: char| !c.is_digit(radix))
                .unwrap_or(digits.len());
            let value = u32::from_str_radix(&digits[..end], radix).ok()?;
            let decoded = char::from_u32(value).filter(|c| *c != '\0')?;
            (decoded, skipped + end)
        } else {
            let end = rest
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            let decoded = match &rest[..end] {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                _ => return None,
            };
            (decoded, end)
        };
        self.at += 1 + length;
        if self.peek() == Some(';') {
            self.at += 1;
        }
        Some(decoded)
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 1;
        let name = self.take_until(|c| c.is_ascii_whitespace() || c == '>');
        if self.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        let name = name.to_ascii_lowercase();
        if !TAGS.contains(&name.as_str()) {
            return Err(format!(
                "Unsupported start tag \"{name}\" at byte offset {begin}"
            ));
        }
        let argument = self.attributes(&name, begin)?;
        if name == "span" && argument.as_deref() != Some("spoiler") {
            return Err(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
            ));
        }
        self.at += 1;
        self.open.push(OpenTag {
            name,
            argument,
            offset: self.units,
        });
        Ok(())
    }

    /// Reads attributes up to the closing `>`; gives back the one that means something.
    fn attributes(&mut self, tag: &str, begin: usize) -> Result<Option<String>, String> {
        let unclosed = || format!("Unclosed start tag \"{tag}\" at byte offset {begin}");
        let mut argument = None;
        loop {
            self.take_until(|c| !c.is_ascii_whitespace());
            match self.peek() {
                None => return Err(unclosed()),
                Some('>') => return Ok(argument),
                Some(_) => {}
            }
            let name = self.take_until(|c| c.is_ascii_whitespace() || "=>/\"'".contains(c));
            if name.is_empty() {
                return Err(format!(
                    "Empty attribute name in the tag \"{tag}\" at byte offset {begin}"
                ));
            }
            self.take_until(|c| !c.is_ascii_whitespace());
            let value = if self.peek() == Some('=') {
                self.at += 1;
                self.take_until(|c| !c.is_ascii_whitespace());
                self.attribute_value()
                    .map_err(|unexpected| unexpected.unwrap_or_else(unclosed))?
            } else {
                String::new()
            };
            match (tag, name.as_str()) {
                ("a", "href") | ("tg-emoji", "emoji-id") => argument = Some(value),
                ("code", "class") => argument = value.strip_prefix("language-").map(str::to_owned),
                ("span", "class") => argument = value.strip_prefix("tg-").map(str::to_owned),
                ("blockquote", "expandable") => argument = Some(String::from("1")),
                _ => {}
            }
        }
    }

    /// The value after `=`; an error without text means that the tag never ends.
    fn attribute_value(&mut self) -> Result<String, Option<String>> {
        let begin = self.at;
        let quote = match self.peek() {
            None => return Err(None),
            Some(quote @ ('"' | '\'')) => quote,
            Some(_) => {
                let token =
                    self.take_until(|c| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'));
                return match self.peek() {
                    None => Err(None),
                    Some(c) if c.is_ascii_whitespace() || c == '>' => {
                        Ok(token.to_ascii_lowercase())
                    }
                    Some(_) => Err(Some(format!(
                        "Unexpected end of name token at byte offset {begin}"
                    ))),
                };
            }
        };
        self.at += 1;
        let mut value = String::new();
        loop {
            match self.peek() {
                None => return Err(None),
                Some(c) if c == quote => {
                    self.at += 1;
                    return Ok(value);
                }
                Some('&') => value.push(self.character_reference().unwrap_or_else(|| {
                    self.at += 1;
                    '&'
                })),
                Some(c) => {
                    self.at += c.len_utf8();
                    value.push(c);
                }
            }
        }
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let Some(tag) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        self.at += 2;
        let name = self
            .take_until(|c| c.is_ascii_whitespace() || c == '>')
            .to_ascii_lowercase();
        self.take_until(|c| !c.is_ascii_whitespace());
        if self.peek() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        if !name.is_empty() && name != tag.name {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
                tag.name
            ));
        }
        self.at += 1;
        if self.units > tag.offset {
            self.close(tag);
        }
        Ok(())
    }

    fn close(&mut self, tag: OpenTag) {
        let mut entity = Entity::new("", tag.offset, self.units - tag.offset);
        let kind = match tag.name.as_str() {
            "b" | "strong" => "bold",
            "i" | "em" => "italic",
            "u" | "ins" => "underline",
            "s" | "strike" | "del" => "strikethrough",
            "tg-spoiler" | "span" => "spoiler",
            "blockquote" if tag.argument.is_some() => "expandable_blockquote",
            "blockquote" => "blockquote",
            "tg-emoji" => {
                entity.custom_emoji_id = tag.argument;
                "custom_emoji"
            }
            "a" => {
                // A link without a target takes its own text for one, and one that is no
                // address at all stays plain text.
                let own = self.text_from(tag.offset);
                let target = tag.argument.filter(|url| !url.is_empty()).unwrap_or(own);
                match normal_url(&target) {
                    Some(url) => entity.url = Some(url),
                    None => return,
                }
                "text_link"
            }
            "pre" => {
                let inner = self.out.entities.last();
                if let Some(inner) = inner
                    && inner.kind == "code"
                    && inner.offset == entity.offset
                    && inner.length == entity.length
                {
                    entity.language.clone_from(&inner.language);
                    self.out.entities.pop();
                }
                "pre"
            }
            _ => {
                let inside_pre = self.open.last().is_some_and(|tag| tag.name == "pre");
                entity.language = tag.argument.filter(|_| inside_pre);
                "code"
            }
        };
        kind.clone_into(&mut entity.kind);
        self.out.entities.push(entity);
    }

    fn text_from(&self, offset: usize) -> String {
        let mut units = 0;
        self.out
            .text
            .chars()
            .skip_while(|c| {
                units += c.len_utf16();
                units <= offset
            })
            .collect()
    }

    fn take_until(&mut self, stop: impl Fn(char) -> bool) -> String {
        let rest = &self.source[self.at..];
        let end = rest.find(stop).unwrap_or(rest.len());
        self.at += end;
        rest[..end].to_owned()
    }
}

/// Telegram's idea of an address: a scheme it knows and a host with a dot in it.
pub(super) fn normal_url(text: &str) -> Option<String> {
    let full = if text.contains("://") || text.starts_with("tg:") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let url = url::Url::parse(&full).ok()?;
    match url.scheme() {
        "tg" | "ton" => Some(url.into()),
        "http" | "https" => url
            .host_str()
            .is_some_and(|host| host.contains('.'))
            .then(|| url.clone().into()),
        _ => None,
    }
}

/// Drops white space around the text, as Telegram does before it measures a message.
pub(super) fn trim(styled: Styled) -> Styled {
    let first_entity = styled.entities.iter().map(|e| e.offset).min();
    let blank_start: String = styled
        .text
        .chars()
        .take_while(|c| c.is_whitespace())
        .collect();
    let cut_units = utf16_len(&blank_start).min(first_entity.unwrap_or(usize::MAX));
    let mut units = 0;
    let text: String = styled
        .text
        .trim_end()
        .chars()
        .skip_while(|c| {
            units += c.len_utf16();
            units <= cut_units
        })
        .collect();
    let length = utf16_len(&text);
    let entities = styled
        .entities
        .into_iter()
        .filter_map(|mut entity| {
            let end = entity.end().saturating_sub(cut_units).min(length);
            entity.offset = entity.offset.saturating_sub(cut_units);
            entity.length = end.checked_sub(entity.offset)?;
            (entity.length > 0).then_some(entity)
        })
        .collect();
    Styled { text, entities }
}

/// Adds what Telegram finds by itself: commands, addresses, mentions and hashtags.
pub(super) fn detect(styled: &mut Styled) {
    let mut found = Vec::new();
    let mut offset = 0;
    for word in styled.text.split_inclusive(|c: char| c.is_whitespace()) {
        let start = word
            .find(|c: char| !matches!(c, '(' | '[' | '"' | '\'' | '«'))
            .unwrap_or(0);
        let core = word[start..].trim_end_matches(|c: char| {
            c.is_whitespace() || matches!(c, '.' | ',' | '!' | '?' | ':' | ';' | ')' | '"' | '\'')
        });
        if let Some((kind, length)) = kind_of_word(core) {
            let at = offset + utf16_len(&word[..start]);
            found.push(Entity::new(kind, at, utf16_len(&core[..length])));
        }
        offset += utf16_len(word);
    }
    for entity in found {
        let taken = styled.entities.iter().any(|other| {
            matches!(other.kind.as_str(), "code" | "pre" | "text_link")
                && other.offset < entity.end()
                && entity.offset < other.end()
        });
        if !taken {
            styled.entities.push(entity);
        }
    }
    styled
        .entities
        .sort_by(|a, b| a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)));
}

fn kind_of_word(word: &str) -> Option<(&'static str, usize)> {
    let name_end = |text: &str| {
        text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(text.len())
    };
    if word.starts_with("http://") || word.starts_with("https://") {
        return normal_url(word).map(|_| ("url", word.len()));
    }
    let mut letters = word.chars();
    match letters.next()? {
        '/' => {
            let end = name_end(letters.as_str());
            let after = &letters.as_str()[end..];
            if end == 0 || end > 64 || after.starts_with('/') {
                return None;
            }
            let bot = after.strip_prefix('@').map_or(0, |bot| name_end(bot) + 1);
            Some(("bot_command", 1 + end + bot))
        }
        '@' => {
            let end = name_end(letters.as_str());
            (end >= 4).then_some(("mention", 1 + end))
        }
        '#' => {
            let tag = letters.as_str();
            let end = tag
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(tag.len());
            (end > 0 && !tag[..end].chars().all(|c| c.is_ascii_digit()))
                .then_some(("hashtag", 1 + end))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(source: &str) -> Vec<(String, usize, usize)> {
        let styled = parse_html(source).expect("this source is fine");
        styled
            .entities
            .into_iter()
            .map(|e| (e.kind, e.offset, e.length))
            .collect()
    }

    fn span(kind: &str, offset: usize, length: usize) -> (String, usize, usize) {
        (kind.to_owned(), offset, length)
    }

    #[test]
    fn formatting_becomes_entities_counted_in_utf16() {
        assert_eq!(
            spans("😀 <b>bold <i>both</i></b> <code>1&lt;2</code>"),
            [
                span("bold", 3, 9),
                span("italic", 8, 4),
                span("code", 13, 3)
            ]
        );
        assert_eq!(
            spans("<pre><code class=\"language-rust\">fn</code></pre>"),
            [span("pre", 0, 2)]
        );
        assert_eq!(
            spans("<blockquote expandable>q</blockquote><span class='tg-spoiler'>s</span>"),
            [span("expandable_blockquote", 0, 1), span("spoiler", 1, 1)]
        );
        assert_eq!(
            spans("<a href='https://example.com/?a=1&amp;b=2'>x</a>"),
            [span("text_link", 0, 1)]
        );
    }

    #[test]
    fn unknown_ampersands_stay_as_they_are() {
        let styled = parse_html("a & b &nbsp; &#65;&#x42 &quot;").expect("lenient");
        assert_eq!(styled.text, "a & b &nbsp; AB \"");
    }

    #[test]
    fn errors_are_worded_as_telegram_words_them() {
        let cases = [
            (
                "<b>x",
                "Can't find end tag corresponding to start tag \"b\"",
            ),
            (
                "ok <x>y</x>",
                "Unsupported start tag \"x\" at byte offset 3",
            ),
            ("é <3", "Unclosed start tag at byte offset 3"),
            ("5 < 6", "Unsupported start tag \"\" at byte offset 2"),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            (
                "<b>x</i>",
                "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"",
            ),
            ("<b>x</b", "Unclosed end tag at byte offset 4"),
            (
                "<span>x</span>",
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0",
            ),
            (
                "<a href=x_y>",
                "Unexpected end of name token at byte offset 8",
            ),
            ("a < b > c", "Unsupported start tag \"\" at byte offset 2"),
        ];
        for (source, expected) in cases {
            assert_eq!(parse_html(source), Err(expected.to_owned()), "{source}");
        }
    }

    #[test]
    fn white_space_around_a_message_is_dropped_and_entities_follow() {
        let styled = trim(parse_html("\n  <b>hi</b>  \n").expect("fine"));
        assert_eq!(styled.text, "hi");
        assert_eq!(styled.entities, [Entity::new("bold", 0, 2)]);
    }

    #[test]
    fn commands_and_addresses_are_found_but_not_inside_code() {
        let mut styled =
            parse_html("/start@shop_bot see https://example.com. <code>/no</code>").expect("fine");
        detect(&mut styled);
        let kinds: Vec<_> = styled.entities.iter().map(|e| e.kind.as_str()).collect();
        assert_eq!(kinds, ["bot_command", "url", "code"]);
        assert_eq!(styled.entities[0].length, 15);
        assert_eq!(styled.entities[1].length, 19);
    }
}
