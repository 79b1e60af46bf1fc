//! Reading a rule: `or` binds less than `and`, `and` less than `not`.

use crate::error::{Error, Result};
use crate::table::{Cell, Table, classify};
use crate::text::parted;

use super::{Comparison, Condition, Expression, QUOTES, Test};

/// Words that mean something; columns called so must be quoted.
pub(super) const WORDS: [&str; 5] = ["and", "or", "not", "is", "missing"];
/// Characters that end a word.
const SPECIAL: &str = "()<>=!&|,;\"'`\u{2264}\u{2265}\u{2260}";
/// Signs, those that begin another one after it.
const SIGNS: [(&str, Comparison); 11] = [
    (">=", Comparison::AtLeast),
    ("\u{2265}", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    ("\u{2264}", Comparison::AtMost),
    ("!=", Comparison::Unequal),
    ("<>", Comparison::Unequal),
    ("\u{2260}", Comparison::Unequal),
    ("==", Comparison::Equal),
    ("=", Comparison::Equal),
    (">", Comparison::Above),
    ("<", Comparison::Below),
];
const PUNCTUATION: [(&str, Token<'static>); 5] = [
    ("(", Token::Open),
    (")", Token::Close),
    ("&&", Token::And),
    ("||", Token::Or),
    ("!", Token::Not),
];
/// Parentheses and `not`s inside each other: more is no rule, and the stack is finite.
const MAX_DEPTH: usize = 64;

#[derive(Debug, Clone, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Quoted(String),
    Number(f64),
    Sign(Comparison),
    Open,
    Close,
    And,
    Or,
    Not,
    Is,
    Missing,
    End,
}

/// A token with what was typed and where, in characters from 1.
struct Placed<'a> {
    token: Token<'a>,
    typed: &'a str,
    position: usize,
}

struct Parser<'a> {
    tokens: Vec<Placed<'a>>,
    at: usize,
    depth: usize,
    table: &'a Table,
}

/// Reads a whole rule.
pub(super) fn rule(text: &str, table: &Table) -> Result<Expression> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        table,
    };
    let rule = parser.any()?;
    match parser.peek() {
        Token::End => Ok(rule),
        _ => Err(parser.expected("`and`, `or` or the end")),
    }
}

pub(super) fn is_of_word(c: char) -> bool {
    !c.is_whitespace() && SPECIAL.chars().all(|special| special != c)
}

pub(super) fn starts_number(word: &str) -> bool {
    matches!(classify(word), Cell::Number(_)) || word == "%"
}

fn tokens(text: &str) -> Result<Vec<Placed<'_>>> {
    let mut tokens: Vec<Placed<'_>> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let position = parted(text, text.len() - rest.len()).0.chars().count() + 1;
        let Some(first) = rest.chars().next() else {
            tokens.push(Placed {
                token: Token::End,
                typed: "",
                position,
            });
            return Ok(tokens);
        };
        let (token, length) = match QUOTES.contains(&first) {
            true => quoted(rest, first, position)?,
            false => plain(rest).ok_or_else(|| Error::BadRule {
                position,
                expected: "a column, a number or a sign",
                found: first.to_string(),
            })?,
        };
        let (typed, after) = parted(rest, length);
        rest = after;
        let is_unit = typed == "%"
            && tokens
                .last()
                .is_some_and(|last| matches!(last.token, Token::Number(_)));
        if !is_unit {
            tokens.push(Placed {
                token,
                typed,
                position,
            });
        }
    }
}

/// A sign, a word or a number, and how many bytes it has.
fn plain(rest: &str) -> Option<(Token<'_>, usize)> {
    // Before the punctuation: `!=` begins like `!`.
    for (sign, comparison) in SIGNS {
        if rest.starts_with(sign) {
            return Some((Token::Sign(comparison), sign.len()));
        }
    }
    for (mark, token) in PUNCTUATION {
        if rest.starts_with(mark) {
            return Some((token, mark.len()));
        }
    }
    let length = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
    let (word, _) = parted(rest, length);
    let meanings = [Token::And, Token::Or, Token::Not, Token::Is, Token::Missing];
    let special = WORDS.iter().position(|of| of.eq_ignore_ascii_case(word));
    let token = match (special, classify(word)) {
        (Some(at), _) => meanings[at].clone(),
        (None, Cell::Number(number)) => Token::Number(number),
        _ => Token::Word(word),
    };
    (length > 0).then_some((token, length))
}

/// A quoted text, in which the quote itself stands twice, and how many bytes it has.
fn quoted(rest: &str, quote: char, position: usize) -> Result<(Token<'_>, usize)> {
    let mut text = String::new();
    let (_, mut after) = parted(rest, 1);
    while let Some(length) = after.find(quote) {
        let (part, from_quote) = parted(after, length);
        text.push_str(part);
        (_, after) = parted(from_quote, 1);
        if !after.starts_with(quote) {
            return Ok((Token::Quoted(text), rest.len() - after.len()));
        }
        text.push(quote);
        (_, after) = parted(after, 1);
    }
    Err(Error::BadRule {
        position,
        expected: "a closing quote",
        found: String::new(),
    })
}

impl<'a> Parser<'a> {
    fn peek(&self) -> &Token<'a> {
        &self.tokens[self.at].token
    }

    /// Takes the next token if it is this one. The end is never taken, so that there is always one more.
    fn takes(&mut self, token: &Token<'_>) -> bool {
        let is_it = self.peek() == token;
        self.at += usize::from(is_it);
        is_it
    }

    fn expected(&self, expected: &'static str) -> Error {
        let next = &self.tokens[self.at];
        Error::BadRule {
            position: next.position,
            expected,
            found: next.typed.to_owned(),
        }
    }

    fn any(&mut self) -> Result<Expression> {
        let mut parts = vec![self.all()?];
        while self.takes(&Token::Or) {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression> {
        let mut parts = vec![self.part()?];
        while self.takes(&Token::And) {
            parts.push(self.part()?);
        }
        Ok(one_or(parts, Expression::All))
    }

    fn part(&mut self) -> Result<Expression> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.expected("a rule with fewer parentheses"));
        }
        let part = if self.takes(&Token::Not) {
            Expression::Not(Box::new(self.part()?))
        } else if self.takes(&Token::Open) {
            let inner = self.any()?;
            if !self.takes(&Token::Close) {
                return Err(self.expected("`and`, `or` or `)`"));
            }
            inner
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(part)
    }

    fn condition(&mut self) -> Result<Expression> {
        let column = self.column()?;
        let condition = |test| Expression::Condition(Condition { column, test });
        if self.takes(&Token::Is) {
            let negated = self.takes(&Token::Not);
            if self.takes(&Token::Missing) {
                let missing = condition(Test::Missing);
                return Ok(match negated {
                    true => Expression::Not(Box::new(missing)),
                    false => missing,
                });
            }
            let sign = match negated {
                true => Comparison::Unequal,
                false => Comparison::Equal,
            };
            return Ok(condition(self.test(sign)?));
        }
        let Token::Sign(comparison) = *self.peek() else {
            return Err(self.expected("a comparison such as `>`, or `is missing`"));
        };
        self.at += 1;
        Ok(condition(self.test(comparison)?))
    }

    /// The column as the table has it: in any case of its letters, where that is one column only.
    fn column(&mut self) -> Result<String> {
        let name = match self.peek() {
            Token::Word(word) => (*word).to_owned(),
            Token::Quoted(text) => text.clone(),
            _ => return Err(self.expected("a column")),
        };
        let alike = |of: &&str| of.eq_ignore_ascii_case(&name);
        let names = || self.table.columns().iter().map(|of| of.name.as_str());
        let mut found = names().filter(alike);
        let column = match (self.table.column(&name), found.next(), found.next()) {
            (Some(_), ..) => name,
            (None, Some(only), None) => only.to_owned(),
            _ => {
                return Err(Error::UnknownColumn {
                    column: name,
                    option: "rule",
                    available: names().map(str::to_owned).collect(),
                });
            }
        };
        self.at += 1;
        Ok(column)
    }

    fn test(&mut self, comparison: Comparison) -> Result<Test> {
        let test = match (self.peek(), comparison) {
            (Token::Number(number), _) => Test::Number(comparison, *number),
            (Token::Word(word), Comparison::Equal) => Test::Is((*word).to_owned()),
            (Token::Word(word), Comparison::Unequal) => Test::IsNot((*word).to_owned()),
            (Token::Quoted(text), Comparison::Equal) => Test::Is(text.clone()),
            (Token::Quoted(text), Comparison::Unequal) => Test::IsNot(text.clone()),
            (_, Comparison::Equal | Comparison::Unequal) => {
                return Err(self.expected("a number or a text"));
            }
            _ => return Err(self.expected("a number")),
        };
        self.at += 1;
        Ok(test)
    }
}

fn one_or(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => join(parts.into_iter().chain(last).collect()),
    }
}
