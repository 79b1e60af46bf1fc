//! Options by name, as a caller without types gives them: every option there is stands here once. A name that is none and a
//! value of the wrong kind are told as such, never left out in silence.

use crate::batch::ScoreOptions;
use crate::error::{Error, Result};
use crate::evaluate::split::SplitChoice;
use crate::features::Monotone;
use crate::predictor::ExportFormat;
use crate::schema::{LabelMeans, RoleOptions};
use crate::table::{ReadOptions, format_number};
use crate::train::{Algorithm, Select, TrainOptions};

/// A value as it was given.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// Nothing, as if it were left out; its name must be one all the same.
    Nothing,
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Truth(bool),
    /// Several texts.
    Texts(Vec<String>),
    /// Texts by name.
    Pairs(Vec<(String, String)>),
    /// What no option takes, in words.
    Other(&'static str),
}

/// Options that can be read from what a caller gave.
pub trait Options: Sized {
    /// Takes what it knows; the rest is left as by default.
    fn take(from: &mut Named) -> Self;
}

/// Reads options; what is given must all be known.
///
/// # Errors
/// `UnknownOption` and `BadOption`.
pub fn read<T: Options>(given: Vec<(String, Given)>) -> Result<T> {
    let mut from = Named {
        given,
        known: Vec::new(),
        problem: None,
    };
    let options = T::take(&mut from);
    from.finish()?;
    Ok(options)
}

/// Reads one of some words.
///
/// # Errors
/// `BadOption` where it is none.
pub fn export_format(word: &str) -> Result<ExportFormat> {
    if word == "json" {
        return Ok(ExportFormat::Json);
    }
    Err(bad("format", &Given::Text(word.to_owned()), "\"json\""))
}

/// What was given and not taken yet.
pub struct Named {
    given: Vec<(String, Given)>,
    known: Vec<&'static str>,
    problem: Option<Error>,
}

impl Named {
    /// The value of this name, where one was given.
    fn next(&mut self, name: &'static str) -> Option<Given> {
        self.known.push(name);
        let place = self.given.iter().position(|(given, _)| given == name)?;
        let (_, given) = self.given.swap_remove(place);
        (given != Given::Nothing).then_some(given)
    }

    /// The same as `kind` takes it, which gives back what it does not take; `expected` says what it does.
    fn take<T>(
        &mut self,
        name: &'static str,
        expected: &'static str,
        kind: impl FnOnce(Given) -> std::result::Result<T, Given>,
    ) -> Option<T> {
        let taken = kind(self.next(name)?);
        taken
            .map_err(|found| self.refuse(name, &found, expected))
            .ok()
    }

    fn refuse(&mut self, option: &'static str, found: &Given, expected: &'static str) {
        if self.problem.is_none() {
            self.problem = Some(bad(option, found, expected));
        }
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        self.take(name, "a text", |given| match given {
            Given::Text(text) => Ok(text),
            other => Err(other),
        })
    }

    fn texts(&mut self, name: &'static str) -> Option<Vec<String>> {
        self.take(name, "a list of texts", |given| match given {
            Given::Texts(texts) => Ok(texts),
            other => Err(other),
        })
    }

    fn pairs(&mut self, name: &'static str) -> Option<Vec<(String, String)>> {
        self.take(name, "an object of texts", |given| match given {
            Given::Pairs(pairs) => Ok(pairs),
            other => Err(other),
        })
    }

    fn number(&mut self, name: &'static str) -> Option<f64> {
        self.take(name, "a number", |given| match given {
            Given::Number(number) => Ok(number),
            other => Err(other),
        })
    }

    fn truth(&mut self, name: &'static str) -> Option<bool> {
        self.take(name, "true or false", |given| match given {
            Given::Truth(truth) => Ok(truth),
            other => Err(other),
        })
    }

    fn whole(&mut self, name: &'static str) -> Option<u32> {
        let number = self.number(name)?;
        if (0.0..=f64::from(u32::MAX)).contains(&number) && libm::rint(number) == number {
            return Some(number as u32);
        }
        let expected = "a whole number from 0 to 4294967295";
        self.refuse(name, &Given::Number(number), expected);
        None
    }

    /// The place of the word among `words`; `expected` names them.
    fn word(
        &mut self,
        name: &'static str,
        words: &[&str],
        expected: &'static str,
    ) -> Option<usize> {
        self.take(name, expected, |given| match &given {
            Given::Text(text) => words.iter().position(|word| word == text).ok_or(given),
            _ => Err(given),
        })
    }

    fn finish(self) -> Result<()> {
        if let Some((name, _)) = self.given.into_iter().next() {
            let known = self.known.into_iter().map(str::to_owned).collect();
            return Err(Error::UnknownOption { name, known });
        }
        self.problem.map_or(Ok(()), Err)
    }
}

fn bad(option: &'static str, found: &Given, expected: &'static str) -> Error {
    let found = match found {
        Given::Nothing => "nothing".to_owned(),
        Given::Text(text) => format!("\"{text}\""),
        Given::Number(number) => format_number(*number),
        Given::Truth(true) => "true".to_owned(),
        Given::Truth(false) => "false".to_owned(),
        Given::Texts(_) => "a list of texts".to_owned(),
        Given::Pairs(_) => "an object".to_owned(),
        Given::Other(words) => (*words).to_owned(),
    };
    Error::BadOption {
        option,
        found,
        expected,
    }
}

impl Options for ReadOptions {
    fn take(from: &mut Named) -> Self {
        Self {
            delimiter: from.text("delimiter"),
            header: from.truth("header"),
            quote: from.text("quote"),
            comment: from.text("comment"),
            numbers: from.text("numbers"),
            dates: from.text("dates"),
            booleans: from.text("booleans"),
            as_is: from.truth("asIs").unwrap_or_default(),
            as_text: from.texts("asText").unwrap_or_default(),
            as_number: from.texts("asNumber").unwrap_or_default(),
            as_time: from.texts("asTime").unwrap_or_default(),
            max_row_bytes: from.whole("maxRowBytes"),
            rates: from.texts("rates").unwrap_or_default(),
            max_table_mib: from.whole("maxTableMib"),
        }
    }
}

impl Options for RoleOptions {
    fn take(from: &mut Named) -> Self {
        let means = [LabelMeans::DownNow, LabelMeans::Ahead];
        let words = ["down-now", "ahead"];
        Self {
            label: from.text("label"),
            positive: from.text("positive"),
            time: from.text("time"),
            host: from.text("host"),
            features: from.texts("features"),
            ignore: from.texts("ignore").unwrap_or_default(),
            label_means: from
                .word("labelMeans", &words, "\"down-now\" or \"ahead\"")
                .map(|at| means[at]),
            horizon_minutes: from.number("horizonMinutes"),
            incidents: from.text("incidents"),
        }
    }
}

impl Options for TrainOptions {
    fn take(from: &mut Named) -> Self {
        let algorithms = [
            Algorithm::Auto,
            Algorithm::Logistic,
            Algorithm::Boosting,
            Algorithm::Forest,
        ];
        let splits = [
            SplitChoice::Auto,
            SplitChoice::Time,
            SplitChoice::Host,
            SplitChoice::Incident,
            SplitChoice::Random,
        ];
        Self {
            roles: RoleOptions::take(from),
            algorithm: from
                .word(
                    "algorithm",
                    &["auto", "logistic", "boosting", "forest"],
                    "\"auto\", \"logistic\", \"boosting\" or \"forest\"",
                )
                .map_or(Algorithm::Auto, |at| algorithms[at]),
            select: match from.word("select", &["simplest", "best"], "\"simplest\" or \"best\"") {
                Some(1) => Select::Best,
                _ => Select::Simplest,
            },
            split: from
                .word(
                    "split",
                    &["auto", "time", "host", "incident", "random"],
                    "\"auto\", \"time\", \"host\", \"incident\" or \"random\"",
                )
                .map_or(SplitChoice::Auto, |at| splits[at]),
            threshold: from.number("threshold"),
            cost_missed: from.number("costMissed"),
            cost_page: from.number("costPage"),
            pages_per_week: from.number("pagesPerWeek"),
            alarm_needed: from.whole("alarmNeeded"),
            alarm_of: from.whole("alarmOf"),
            rule: from.text("rule"),
            keep_checked: from.truth("keepChecked").unwrap_or_default(),
            monotone: Monotone(from.pairs("monotone").unwrap_or_default()),
            budget_seconds: from.number("budgetSeconds"),
            seed: from.whole("seed").unwrap_or_default(),
        }
    }
}

impl Options for ScoreOptions {
    fn take(from: &mut Named) -> Self {
        Self {
            threshold: from.number("threshold"),
            watch: from.truth("watch").unwrap_or(false),
            read: ReadOptions::take(from),
        }
    }
}
