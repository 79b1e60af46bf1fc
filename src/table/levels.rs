//! The different texts of a column, each with what it says by itself.

use std::collections::HashMap;

use super::column::{MAX_LEVELS, MISSING_CODE};
use super::decimal::{Marks, OddNumber, parse_odd};
use super::time::Moment;
use super::time_forms::parse_form;

/// The bytes of a category's levels together; a column with more is free text.
const MAX_LEVEL_BYTES: usize = 16 << 20;
/// Different texts that are numbers or times with marks, units or words; a column with more is none of categories.
const MAX_ODD_LEVELS: u32 = 4_096;
/// The code of a text that came after the levels were full.
pub(super) const NOT_KEPT: u32 = MISSING_CODE - 1;

/// What a text says that is no plain number and no ISO time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading {
    Text,
    Number(OddNumber),
    Time(Moment),
}

impl Reading {
    /// Under the marks that are given, or else under any.
    pub(super) fn of(text: &str, given: Option<Marks>) -> Self {
        if let Some(number) = parse_odd(text, given) {
            return Self::Number(number);
        }
        parse_form(text).map_or(Self::Text, Self::Time)
    }
}

/// The different texts of a column, each with the number of its first appearance.
#[derive(Debug, Default)]
pub(super) struct Levels {
    codes: HashMap<String, u32>,
    readings: Vec<Reading>,
    n_odd: u32,
    n_bytes: usize,
    /// A text came that there was no more room for.
    pub(super) is_full: bool,
}

impl Levels {
    /// The code of a text and what it says. One that is a number or time may be read and not kept: a column of them would
    /// fill the memory.
    pub(super) fn read(&mut self, text: &str, given: Option<Marks>) -> (u32, Reading) {
        if let Some(&code) = self.codes.get(text) {
            return (code, self.readings[code as usize]);
        }
        let reading = Reading::of(text, given);
        let is_odd = reading != Reading::Text;
        if is_odd && self.n_odd == MAX_ODD_LEVELS {
            self.is_full = true;
            return (NOT_KEPT, reading);
        }
        self.n_odd += u32::from(is_odd);
        (self.add(text, reading), reading)
    }

    /// Whether the text of a code is nothing but a text.
    pub(super) fn is_text(&self, code: u32) -> bool {
        let reading = self.readings.get(code as usize);
        reading.is_none_or(|reading| *reading == Reading::Text)
    }

    /// The code of a text that is nothing but a text.
    pub(super) fn intern(&mut self, text: &str) -> u32 {
        match self.codes.get(text) {
            Some(&code) => code,
            None => self.add(text, Reading::Text),
        }
    }

    fn add(&mut self, text: &str, reading: Reading) -> u32 {
        let code = self.readings.len();
        let n_bytes = self.n_bytes + text.len();
        if code == MAX_LEVELS || n_bytes > MAX_LEVEL_BYTES {
            self.is_full = true;
            return NOT_KEPT;
        }
        self.n_bytes = n_bytes;
        self.readings.push(reading);
        let code = u32::try_from(code).expect("MAX_LEVELS is below 2^32");
        self.codes.insert(text.to_owned(), code);
        code
    }

    pub(super) fn into_vec(self) -> Vec<String> {
        let mut levels = vec![String::new(); self.codes.len()];
        for (text, code) in self.codes {
            levels[code as usize] = text;
        }
        levels
    }
}
