//! What is known of a log's columns before it is read: what the user says of its values, and how a model's columns are
//! written.

use super::column_builder::ColumnBuilder;
use super::decimal::Marks;
use super::dialect::ReadOptions;
use super::format::{Format, Words};
use super::rates::Rates;
use super::reshape::Shape;
use super::time::TimeForm;
use super::time_forms::parse_form;
use crate::{Error, Result};

/// What is known of the columns of a log before it is read.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    known: Known,
    /// What a model knows, by name.
    pub(super) formats: Vec<(String, Format)>,
    /// Whether the user wants rows and columns as they are.
    pub(super) is_as_it_stands: bool,
    /// The names of the columns whose kind the user says.
    said: Vec<(String, Said)>,
}

/// What the user says of a column's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Text,
    Number,
    Time,
    Rate,
}

/// What is known of one column before it is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// What a model knows: the column is of this kind, whatever its cells are.
    pub(super) format: Option<Format>,
    /// The marks the user says.
    pub(super) marks: Option<Marks>,
    /// Whether the user says that the day comes first.
    pub(super) day_first: Option<bool>,
    /// The words for true and false that the user says.
    pub(super) words: Words,
    /// The kind the user says.
    pub(super) said: Option<Said>,
}

impl Expected {
    /// What the user says.
    ///
    /// # Errors
    /// [`Error::BadOption`] where a mark is not one character, or could be part of a number.
    pub fn new(options: &ReadOptions) -> Result<Self> {
        let bad = |option, found: &Option<String>, expected| Error::BadOption {
            option,
            found: format!("\"{}\"", found.as_deref().unwrap_or_default()),
            expected,
        };
        let marks = match options.numbers.as_deref() {
            None => None,
            Some(example) => Some(marks_of(example).ok_or_else(|| {
                bad(
                    "numbers",
                    &options.numbers,
                    "a number with decimals, such as 1.234,5",
                )
            })?),
        };
        let day_first = match options
            .dates
            .as_deref()
            .map(|example| parse_form(example.trim_ascii()))
        {
            None => None,
            Some(Some(date)) if date.form == TimeForm::DayFirst => Some(true),
            Some(Some(date)) if date.form == TimeForm::MonthFirst => Some(false),
            Some(_) => return Err(bad("dates", &options.dates, "31/12/2026 or 12/31/2026")),
        };
        let words = options.booleans.clone().unwrap_or_default();
        if options.booleans.is_some() && (words.starts_with('/') || words.split('/').count() != 2) {
            return Err(bad(
                "booleans",
                &options.booleans,
                "words for true and for false, such as yes/no",
            ));
        }
        let mut said = Vec::new();
        for (kind, names) in [
            (Said::Text, &options.as_text),
            (Said::Number, &options.as_number),
            (Said::Time, &options.as_time),
            (Said::Rate, &options.rates),
        ] {
            said.extend(names.iter().map(|name| (name.clone(), kind)));
        }
        Ok(Self {
            known: Known {
                format: None,
                marks,
                day_first,
                words: Words(words),
                said: None,
            },
            formats: Vec::new(),
            is_as_it_stands: options.as_is,
            said,
        })
    }

    /// How the columns of these names are written, whatever their cells look like.
    #[must_use]
    pub fn with_formats(mut self, formats: Vec<(String, Format)>) -> Self {
        self.formats = formats;
        self
    }

    /// Whether there is every column of which the user says something.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`]
    pub(super) fn check(&self, names: &[String], shape: Option<&Shape>) -> Result<()> {
        let is_made = |wanted: &str| match shape {
            None => false,
            Some(Shape::Long(_)) => true,
            Some(Shape::Series(series)) => series.metrics.iter().any(|name| name == wanted),
        };
        for (name, said) in &self.said {
            if !names.contains(name) && !is_made(name) {
                return Err(Error::UnknownColumn {
                    column: name.clone(),
                    option: match said {
                        Said::Text => "asText",
                        Said::Number => "asNumber",
                        Said::Time => "asTime",
                        Said::Rate => "rates",
                    },
                    available: names.to_vec(),
                });
            }
        }
        Ok(())
    }

    /// What makes counters rates: those the user names, and those that are rates to a model.
    #[must_use]
    pub fn rates(&self) -> Rates {
        let mut names = Vec::new();
        for (name, said) in &self.said {
            if *said == Said::Rate {
                names.push(name.clone());
            }
        }
        for (name, format) in &self.formats {
            let is_rate = matches!(format, Format::Numbers(numbers) if numbers.is_rate);
            if is_rate && !names.contains(name) {
                names.push(name.clone());
            }
        }
        Rates::new(names)
    }

    /// A builder for the column of this name.
    pub(super) fn column(&self, name: &str) -> ColumnBuilder {
        let found = self.formats.iter().find(|(known, _)| known == name);
        let said = self.said.iter().find(|(known, _)| known == name);
        ColumnBuilder::knowing(Known {
            format: found.map(|(_, format)| format.clone()),
            said: said.map(|(_, said)| *said),
            ..self.known.clone()
        })
    }
}

/// The marks of an example: the last one is before its decimals, one before that between its thousands.
fn marks_of(example: &str) -> Option<Marks> {
    let (mut decimal, mut group) = (None, None);
    for mark in example.trim_ascii().chars().filter(|c| !c.is_ascii_digit()) {
        let is_used = mark.is_ascii_alphanumeric() || matches!(mark, '+' | '-');
        let is_third = group.is_some() && group != decimal;
        if is_used || is_third {
            return None;
        }
        group = decimal.replace(mark).or(group);
    }
    let decimal = decimal?;
    let is_number = example.trim_ascii().ends_with(|c: char| c.is_ascii_digit());
    (is_number && group != Some(decimal)).then_some(Marks::Given { decimal, group })
}
