//! Alert rules as people type them: `cpu_pct > 90 and (latency_ms > 200 or "disk full" is missing)`. Read here with the
//! position of what cannot be understood, and asked of the rows of a table.
//!
//! A comparison with a cell that is missing is neither true nor false, as in SQL; a rule fires where it is true.

mod parse;
mod scores;
mod search;

use std::fmt;

use crate::error::Result;
use crate::table::{Column, Table, format_number};

use parse::{WORDS, is_of_word, starts_number};
pub(crate) use scores::FIRED;
pub use scores::{RuleOrigin, RuleScores};
pub use search::best_rules;

/// A rule that was read, for the columns of one table.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule(Expression);

/// A part of a rule; columns by their place in the table.
#[derive(Debug, Clone, PartialEq)]
enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    Condition(Condition),
}

/// One condition on one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The column's name as the table has it.
    pub column: String,
    /// What is asked of its cell.
    pub test: Test,
}

/// What is asked of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// How a number compares.
    Number(Comparison, f64),
    /// Whether it is this text, whatever the case of its letters.
    Is(String),
    /// Whether it is another text.
    IsNot(String),
    /// Whether there is none.
    Missing,
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `!=`
    Unequal,
}

impl Rule {
    /// A rule of conditions that must all hold.
    #[must_use]
    pub fn all(conditions: Vec<Condition>) -> Self {
        let mut parts: Vec<Expression> =
            conditions.into_iter().map(Expression::Condition).collect();
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => Self(only),
            (_, last) => Self(Expression::All(parts.into_iter().chain(last).collect())),
        }
    }

    /// Reads `text` for the columns of `table`.
    ///
    /// # Errors
    /// `BadRule` with the position where it cannot be understood, `UnknownColumn` where it names a column that is not there.
    pub fn parse(text: &str, table: &Table) -> Result<Self> {
        parse::rule(text, table).map(Self)
    }

    /// For each row of `table` whether the rule is true of it.
    #[must_use]
    pub fn fires(&self, table: &Table) -> Vec<bool> {
        self.fires_on(table, &(0..table.n_rows()).collect::<Vec<usize>>())
    }

    /// For each of the given rows of `table` whether the rule is true of it.
    #[must_use]
    pub fn fires_on(&self, table: &Table, rows: &[usize]) -> Vec<bool> {
        let answers = self.0.answers(table, rows);
        answers.into_iter().map(|answer| answer == YES).collect()
    }

    /// How many conditions it has.
    #[must_use]
    pub fn n_conditions(&self) -> usize {
        self.0.n_conditions()
    }
}

/// The answers of three-valued logic in the order that makes `and` the least and `or` the greatest.
const NO: u8 = 0;
const UNKNOWN: u8 = 1;
const YES: u8 = 2;

impl Expression {
    fn answers(&self, table: &Table, rows: &[usize]) -> Vec<u8> {
        let joined = |parts: &[Self], of_none, join: fn(u8, u8) -> u8| {
            let mut answers = vec![of_none; rows.len()];
            for part in parts {
                for (answer, other) in answers.iter_mut().zip(part.answers(table, rows)) {
                    *answer = join(*answer, other);
                }
            }
            answers
        };
        match self {
            Self::All(parts) => joined(parts, YES, u8::min),
            Self::Any(parts) => joined(parts, NO, u8::max),
            Self::Not(part) => part
                .answers(table, rows)
                .iter()
                .map(|of| YES - of)
                .collect(),
            Self::Condition(condition) => condition.answers(table, rows),
        }
    }

    fn n_conditions(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::n_conditions).sum(),
            Self::Not(part) => part.n_conditions(),
            Self::Condition(_) => 1,
        }
    }
}

impl Condition {
    /// [`YES`], [`NO`] or [`UNKNOWN`] for each of the rows.
    fn answers(&self, table: &Table, rows: &[usize]) -> Vec<u8> {
        let Some(column) = table.column(&self.column) else {
            let of_all = if self.test == Test::Missing {
                YES
            } else {
                UNKNOWN
            };
            return vec![of_all; rows.len()];
        };
        let answer = |&row: &usize| self.test.answer(column, row);
        rows.iter().map(answer).collect()
    }
}

impl Test {
    fn answer(&self, column: &Column, row: usize) -> u8 {
        let said =
            |known: Option<bool>| known.map_or(UNKNOWN, |is_so| if is_so { YES } else { NO });
        match self {
            Self::Missing => said(Some(column.is_missing(row))),
            Self::Number(comparison, number) => said(
                column
                    .number_at(row)
                    .map(|cell| comparison.holds(cell, *number)),
            ),
            Self::Is(text) | Self::IsNot(text) => {
                let is_it = column
                    .level_at(row)
                    .map(|cell| cell.eq_ignore_ascii_case(text));
                said(is_it.map(|is_it| is_it == matches!(self, Self::Is(_))))
            }
        }
    }
}

impl Comparison {
    fn holds(self, cell: f64, number: f64) -> bool {
        match self {
            Self::Above => cell > number,
            Self::AtLeast => cell >= number,
            Self::Below => cell < number,
            Self::AtMost => cell <= number,
            Self::Equal => cell == number,
            Self::Unequal => cell != number,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
            Self::Unequal => "!=",
        }
    }
}

/// The rule as it can be typed again.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text())
    }
}

impl Expression {
    fn text(&self) -> String {
        match self {
            Self::All(parts) => Self::list(parts, " and "),
            Self::Any(parts) => Self::list(parts, " or "),
            Self::Not(part) => format!("not ({})", part.text()),
            Self::Condition(condition) => condition.text(),
        }
    }

    fn list(parts: &[Self], word: &str) -> String {
        let part = |part: &Self| match part {
            Self::All(_) | Self::Any(_) => format!("({})", part.text()),
            _ => part.text(),
        };
        parts.iter().map(part).collect::<Vec<String>>().join(word)
    }
}

impl Condition {
    fn text(&self) -> String {
        let name = name_text(&self.column);
        match &self.test {
            Test::Missing => format!("{name} is missing"),
            Test::Number(comparison, number) => {
                format!("{name} {} {}", comparison.sign(), format_number(*number))
            }
            Test::Is(text) => format!("{name} = {}", quoted(text)),
            Test::IsNot(text) => format!("{name} != {}", quoted(text)),
        }
    }
}

/// A name as it can be typed: quoted where it would be read as something else.
fn name_text(name: &str) -> String {
    let is_word = !name.is_empty() && name.chars().all(is_of_word) && !starts_number(name);
    let is_special = WORDS.iter().any(|word| word.eq_ignore_ascii_case(name));
    if is_word && !is_special {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// In the quotes that it does not hold; what holds all three is doubled.
fn quoted(text: &str) -> String {
    let quote = QUOTES
        .into_iter()
        .find(|quote| text.chars().all(|c| c != *quote))
        .unwrap_or('"');
    let doubled = text.replace(quote, &format!("{quote}{quote}"));
    format!("{quote}{doubled}{quote}")
}

const QUOTES: [char; 3] = ['"', '\'', '`'];
