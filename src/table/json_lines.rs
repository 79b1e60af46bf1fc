//! One JSON object a line to CSV, so that such a log takes the same road: its keys are the names of the columns, those of
//! objects inside objects joined by a point (`cpu.user`), lists are cells as they stand, `null` is an empty cell. The names
//! are those of the first 64 KiB; a row with another key is one with a field too many. A line that is no object is one field.

use super::dialect::Dialect;
use super::fields::MAX_RECORD_BYTES;

/// Objects inside objects, at most.
const MAX_DEPTH: usize = 16;

/// Translates a log in pieces.
#[derive(Debug)]
pub(super) struct JsonLines {
    names: Vec<Vec<u8>>,
    cells: Vec<Vec<u8>>,
    /// A line whose end has not come yet.
    line: Vec<u8>,
}

impl JsonLines {
    /// The translator of a log that begins like this and its header, or `None` if it is no JSON.
    pub(super) fn open(head: &[u8], out: &mut Vec<u8>) -> Option<Self> {
        let mut names: Vec<Vec<u8>> = Vec::new();
        let mut is_first = true;
        for line in head.split(|&byte| byte == b'\n') {
            let read = read_object(line, &mut |key, _| {
                if !names.iter().any(|name| name == key) {
                    names.push(key.to_vec());
                }
            });
            if is_first && !line.trim_ascii().is_empty() {
                read?;
                is_first = false;
            }
        }
        let lines = Self {
            cells: vec![Vec::new(); names.len()],
            names,
            line: Vec::new(),
        };
        if lines.names.is_empty() {
            return None;
        }
        write_row(&lines.names, out);
        Some(lines)
    }

    pub(super) fn width(&self) -> usize {
        self.names.len()
    }

    /// Appends the CSV of all lines that end in `bytes`.
    pub(super) fn translate(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end_line(out);
            } else if self.line.len() > MAX_RECORD_BYTES {
                // Over every limit: what it is no longer matters.
                self.line.truncate(MAX_RECORD_BYTES);
            }
        }
    }

    /// Appends the CSV of a last line without a line end.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.line.is_empty() {
            self.end_line(out);
        }
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        let Self { names, cells, line } = self;
        cells.truncate(names.len());
        cells.iter_mut().for_each(Vec::clear);
        // Keys mostly come in the same order.
        let mut next = 0;
        let read = read_object(line, &mut |key, value| {
            let is_key = |name: &Vec<u8>| name == key;
            let found = (names[next..].iter().position(is_key).map(|at| at + next))
                .or_else(|| names[..next].iter().position(is_key));
            match found {
                Some(at) => {
                    cells[at] = value.to_vec();
                    next = at + 1;
                }
                None => cells.push([key, b": ", value].concat()),
            }
        });
        if line.trim_ascii().is_empty() {
            out.push(b'\n');
        } else if read.is_some() {
            write_row(cells, out);
        } else {
            write_row(&[line.trim_ascii().to_vec()], out);
        }
        line.clear();
    }
}

fn write_row(cells: &[Vec<u8>], out: &mut Vec<u8>) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        Dialect::default().write_field(cell, out);
    }
    out.push(b'\n');
}

/// Gives each key of the object that a line is with the text of its value. `None` if it is no object.
fn read_object(line: &[u8], visit: &mut dyn FnMut(&[u8], &[u8])) -> Option<()> {
    let mut json = Json { rest: line };
    json.object(&mut Vec::new(), MAX_DEPTH, visit)?;
    json.peek().is_none().then_some(())
}

/// The bytes that are still to be read.
struct Json<'a> {
    rest: &'a [u8],
}

impl<'a> Json<'a> {
    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.first().copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.rest = &self.rest[1..])
    }

    fn object(
        &mut self,
        key: &mut Vec<u8>,
        depth: usize,
        visit: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Option<()> {
        self.take(b'{')?;
        if self.take(b'}').is_some() {
            return Some(());
        }
        let prefix = key.len();
        loop {
            if prefix > 0 {
                key.push(b'.');
            }
            self.string(key)?;
            self.take(b':')?;
            match self.peek()? {
                b'{' => self.object(key, depth.checked_sub(1)?, visit)?,
                b'"' => {
                    let mut text = Vec::new();
                    self.string(&mut text)?;
                    visit(key, &text);
                }
                b'[' => visit(key, self.list()?),
                _ => visit(key, self.word()?),
            }
            key.truncate(prefix);
            if self.take(b',').is_none() {
                return self.take(b'}');
            }
        }
    }

    /// A number, `true` or `false`; nothing for `null`.
    fn word(&mut self) -> Option<&'a [u8]> {
        let is_end = |byte: &u8| matches!(byte, b',' | b'}') || byte.is_ascii_whitespace();
        let end = self.rest.iter().position(is_end)?;
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        let is_word = word
            .first()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        is_word.then_some(if word == b"null" { b"" } else { word })
    }

    /// A list as it stands.
    fn list(&mut self) -> Option<&'a [u8]> {
        let start = self.rest;
        let mut depth = 0;
        while let Some((&byte, rest)) = self.rest.split_first() {
            match byte {
                b'"' => {
                    self.string(&mut Vec::new())?;
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth -= 1,
                _ => {}
            }
            self.rest = rest;
            if depth == 0 {
                return Some(&start[..start.len() - rest.len()]);
            }
        }
        None
    }

    /// Appends the text of a string. Line ends and tabs in it become spaces: a cell has one line.
    fn string(&mut self, text: &mut Vec<u8>) -> Option<()> {
        self.take(b'"')?;
        loop {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            match byte {
                b'"' => return Some(()),
                b'\\' => self.escape(text)?,
                _ => text.push(byte),
            }
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Option<()> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        match byte {
            b'u' => {
                let mut units = vec![self.unit()?];
                if (0xd800..0xdc00).contains(&units[0]) && self.rest.starts_with(b"\\u") {
                    self.rest = &self.rest[2..];
                    units.push(self.unit()?);
                }
                for decoded in char::decode_utf16(units) {
                    let character = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
                    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            b'n' | b't' | b'r' | b'b' | b'f' => text.push(b' '),
            _ => text.push(byte),
        }
        Some(())
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u16> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    }
}
