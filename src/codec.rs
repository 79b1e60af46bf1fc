//! How values become bytes and bytes become values again, for the model file and for messages between workers: bincode's
//! standard configuration. The only file that names bincode.
//!
//! A type lists its fields once, in [`saved!`], for both directions; a field that is forgotten does not compile. Reading has
//! no errors on the way: what cannot be read is zero or empty, [`Unread`] remembers it, and one look at the end tells.
//! bincode's derive returns a `Result` at every field of every type and drops there what was read so far: 45 kB of wasm.

use std::sync::Arc;
use std::{array, slice};

use bincode::config;

use crate::error::Error;
use crate::table::Format;

/// The bytes of a value: the same value has the same ones everywhere.
pub(crate) fn encode(value: &impl Saved) -> Vec<u8> {
    let mut written = Written(Vec::new());
    value.write(&mut written);
    written.0
}

/// A value, and how many bytes are left over behind it; `None` where it cannot be read, and where the bytes or, in memory, the
/// lists they announce are more than `limit`.
pub(crate) fn decode<T: Saved>(bytes: &[u8], limit: usize) -> Option<(T, usize)> {
    let mut unread = Unread {
        bytes,
        limit,
        failed: false,
    };
    unread.expect(bytes.len() <= limit);
    let value = T::read(&mut unread);
    (!unread.failed).then_some((value, unread.bytes.len()))
}

/// What the workers of one pool tell each other. One program in one moment: no envelope, and nobody to mistrust.
#[must_use]
pub(crate) fn to_message(value: &impl Saved) -> Vec<u8> {
    encode(value)
}

/// Reads what [`to_message`] wrote.
///
/// # Errors
/// `BadOptions` where something else did.
pub(crate) fn from_message<T: Saved>(bytes: &[u8]) -> Result<T, Error> {
    let (value, _) = decode(bytes, usize::MAX).ok_or_else(|| Error::BadOptions {
        problem: "not a message of this training".to_owned(),
    })?;
    Ok(value)
}

/// What goes into a model file or a message, field after field. To be implemented by [`saved!`].
pub(crate) trait Saved: Sized {
    fn write(&self, to: &mut Written);

    /// Anything at all once something could not be read.
    fn read(from: &mut Unread) -> Self;

    /// Many at once, where that is quicker than one by one.
    fn write_all(items: &[Self], to: &mut Written) {
        for item in items {
            item.write(to);
        }
    }

    /// The same for reading.
    fn read_all(n: usize, from: &mut Unread) -> Vec<Self> {
        (0..n).map(|_| Self::read(from)).collect()
    }
}

/// Implements [`Saved`] for a struct by all its fields or an enum by all its variants, each with the number that stands for
/// it in the file. Whoever changes their order or a number makes another version of the file.
macro_rules! saved {
    (struct $name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::codec::Saved for $name {
            fn write(&self, to: &mut $crate::codec::Written) {
                let Self { $($field),* } = self;
                $($crate::codec::Saved::write($field, to);)*
            }

            fn read(from: &mut $crate::codec::Unread) -> Self {
                Self { $($field: $crate::codec::Saved::read(from)),* }
            }
        }
    };
    (enum $name:ident {
        0 = $first:ident $(($($first_item:ident),*))? $({ $($first_field:ident),* })?,
        $($number:literal = $variant:ident $(($($item:ident),*))? $({ $($field:ident),* })?),* $(,)?
    }) => {
        impl $crate::codec::Saved for $name {
            fn write(&self, to: &mut $crate::codec::Written) {
                match self {
                    Self::$first $(($($first_item),*))? $({ $($first_field),* })? => {
                        to.number(0);
                        $($($crate::codec::Saved::write($first_item, to);)*)?
                        $($($crate::codec::Saved::write($first_field, to);)*)?
                    }
                    $(Self::$variant $(($($item),*))? $({ $($field),* })? => {
                        to.number($number);
                        $($($crate::codec::Saved::write($item, to);)*)?
                        $($($crate::codec::Saved::write($field, to);)*)?
                    })*
                }
            }

            fn read(from: &mut $crate::codec::Unread) -> Self {
                match from.number() {
                    $($number => {
                        $($(let $item = $crate::codec::Saved::read(from);)*)?
                        $($(let $field = $crate::codec::Saved::read(from);)*)?
                        Self::$variant $(($($item),*))? $({ $($field),* })?
                    })*
                    number => {
                        from.expect(number == 0);
                        $($(let $first_item = $crate::codec::Saved::read(from);)*)?
                        $($(let $first_field = $crate::codec::Saved::read(from);)*)?
                        Self::$first $(($($first_item),*))? $({ $($first_field),* })?
                    }
                }
            }
        }
    };
}
pub(crate) use saved;

/// The bytes so far.
pub(crate) struct Written(Vec<u8>);

impl Written {
    /// Any unsigned number, a length, or a variant: bincode writes all of them alike, the smaller the shorter.
    #[inline(never)]
    pub(crate) fn number(&mut self, number: u64) {
        self.encode(number);
    }

    #[inline(never)]
    fn signed(&mut self, number: i64) {
        self.encode(number);
    }

    fn encode(&mut self, number: impl bincode::Encode) {
        let mut bytes = [0; 9];
        match bincode::encode_into_slice(number, &mut bytes, config::standard()) {
            Ok(n) => self.0.extend_from_slice(&bytes[..n]),
            Err(_) => unreachable!("bincode writes no number in more than nine bytes"),
        }
    }

    #[inline(never)]
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// With their length before them.
    #[inline(never)]
    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    #[inline(never)]
    fn floats(&mut self, numbers: &[f64]) {
        self.0.reserve(8 * numbers.len());
        for number in numbers {
            self.0.extend_from_slice(&number.to_le_bytes());
        }
    }
}

/// The bytes to come. None are left once one could not be read.
pub(crate) struct Unread<'a> {
    bytes: &'a [u8],
    /// Bytes that the lists to come may take in memory.
    limit: usize,
    failed: bool,
}

impl<'a> Unread<'a> {
    /// What is not so cannot be read.
    #[inline(never)]
    pub(crate) fn expect(&mut self, so: bool) {
        if !so {
            self.failed = true;
            self.bytes = &[];
        }
    }

    #[inline(never)]
    pub(crate) fn number(&mut self) -> u64 {
        self.decode()
    }

    #[inline(never)]
    fn signed(&mut self) -> i64 {
        self.decode()
    }

    fn decode<T: bincode::Decode<()> + Default>(&mut self) -> T {
        let decoded = bincode::decode_from_slice(self.bytes, config::standard());
        let (number, n) = decoded.unwrap_or_default();
        self.expect(n > 0);
        self.take(n);
        number
    }

    /// 0 where the number is too large.
    #[inline(never)]
    fn number_up_to(&mut self, largest: u64) -> u64 {
        let number = self.number();
        self.expect(number <= largest);
        if self.failed { 0 } else { number }
    }

    /// How many items follow that are so large in memory: never more than the bytes left, since each takes one.
    #[inline(never)]
    fn length(&mut self, size: usize) -> usize {
        let length = self.number();
        let most = self.bytes.len().min(self.limit / size.max(1));
        self.expect(length <= most as u64);
        let length = if self.failed { 0 } else { length as usize };
        self.limit -= length * size;
        length
    }

    #[inline(never)]
    fn take(&mut self, n: usize) -> &'a [u8] {
        self.expect(n <= self.bytes.len());
        let (taken, rest) = self.bytes.split_at(n.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }

    #[inline(never)]
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    #[inline(never)]
    fn flag(&mut self) -> bool {
        let byte = self.byte();
        self.expect(byte <= 1);
        byte == 1
    }

    #[inline(never)]
    fn float(&mut self) -> f64 {
        self.take(8).try_into().map_or(0.0, f64::from_le_bytes)
    }

    #[inline(never)]
    fn floats(&mut self, n: usize) -> Vec<f64> {
        let bytes = self.take(n.saturating_mul(8)).chunks_exact(8);
        bytes
            .map(|bytes| bytes.try_into().map_or(0.0, f64::from_le_bytes))
            .collect()
    }

    #[inline(never)]
    fn text(&mut self) -> String {
        let n = self.length(1);
        let text = str::from_utf8(self.take(n));
        self.expect(text.is_ok());
        text.unwrap_or_default().to_owned()
    }
}

macro_rules! saved_as_number {
    ($($type:ident)*) => {$(
        impl Saved for $type {
            fn write(&self, to: &mut Written) {
                to.number(*self as u64);
            }

            fn read(from: &mut Unread) -> Self {
                from.number_up_to(Self::MAX as u64) as Self
            }
        }
    )*};
}
saved_as_number!(u16 u32 u64 usize);

impl Saved for i64 {
    fn write(&self, to: &mut Written) {
        to.signed(*self);
    }

    fn read(from: &mut Unread) -> Self {
        from.signed()
    }
}

impl Saved for i32 {
    fn write(&self, to: &mut Written) {
        to.signed(i64::from(*self));
    }

    fn read(from: &mut Unread) -> Self {
        let number = Self::try_from(from.signed());
        from.expect(number.is_ok());
        number.unwrap_or_default()
    }
}

impl Saved for u8 {
    fn write(&self, to: &mut Written) {
        to.byte(*self);
    }

    fn read(from: &mut Unread) -> Self {
        from.byte()
    }

    fn read_all(n: usize, from: &mut Unread) -> Vec<Self> {
        from.take(n).to_vec()
    }
}

impl Saved for bool {
    fn write(&self, to: &mut Written) {
        to.byte(u8::from(*self));
    }

    fn read(from: &mut Unread) -> Self {
        from.flag()
    }
}

impl Saved for f64 {
    fn write(&self, to: &mut Written) {
        to.floats(slice::from_ref(self));
    }

    fn read(from: &mut Unread) -> Self {
        from.float()
    }

    fn write_all(items: &[Self], to: &mut Written) {
        to.floats(items);
    }

    fn read_all(n: usize, from: &mut Unread) -> Vec<Self> {
        from.floats(n)
    }
}

impl Saved for String {
    fn write(&self, to: &mut Written) {
        to.bytes(self.as_bytes());
    }

    fn read(from: &mut Unread) -> Self {
        from.text()
    }
}

impl<T: Saved> Saved for Vec<T> {
    fn write(&self, to: &mut Written) {
        to.number(self.len() as u64);
        T::write_all(self, to);
    }

    fn read(from: &mut Unread) -> Self {
        let n = from.length(size_of::<T>());
        T::read_all(n, from)
    }
}

/// What is shared is written as what it is.
impl<T: Saved> Saved for Arc<T> {
    fn write(&self, to: &mut Written) {
        T::write(self, to);
    }

    fn read(from: &mut Unread) -> Self {
        Self::new(T::read(from))
    }
}

impl<T: Saved> Saved for Option<T> {
    fn write(&self, to: &mut Written) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut Unread) -> Self {
        from.flag().then(|| T::read(from))
    }
}

/// Its length is known and not written.
impl<T: Saved, const N: usize> Saved for [T; N] {
    fn write(&self, to: &mut Written) {
        T::write_all(self, to);
    }

    fn read(from: &mut Unread) -> Self {
        array::from_fn(|_| T::read(from))
    }
}

impl<T: Saved, U: Saved> Saved for (T, U) {
    fn write(&self, to: &mut Written) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut Unread) -> Self {
        (T::read(from), U::read(from))
    }
}

/// A format is saved as its text.
impl Saved for Format {
    fn write(&self, to: &mut Written) {
        String::from(self.clone()).write(to);
    }

    fn read(from: &mut Unread) -> Self {
        Self::from(String::read(from))
    }
}

/// What a file leaves out: what follows from the rest, and what is of the moment. Read from a file it is as by `Default`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unsaved<T>(pub T);

impl<T: Default> Saved for Unsaved<T> {
    fn write(&self, _: &mut Written) {}

    fn read(_: &mut Unread) -> Self {
        Self::default()
    }
}
