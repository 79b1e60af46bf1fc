//! Physical lines, counted.

/// Counts physical lines: LF, CRLF and a lone CR each end one.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineCounter {
    pub(super) line: u64,
    after_cr: bool,
}

impl LineCounter {
    /// At the start of a text whose first line has this number.
    pub(super) fn at(line: u64) -> Self {
        Self {
            line,
            after_cr: false,
        }
    }

    pub(super) fn pass(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == b'\r' || (byte == b'\n' && !self.after_cr) {
                self.line += 1;
            }
            self.after_cr = byte == b'\r';
        }
    }

    /// Passes whole lines; the last ends with this byte.
    pub(super) fn pass_lines(&mut self, n_lines: u64, last: u8) {
        self.line += n_lines;
        self.after_cr = last == b'\r';
    }

    /// Passes the content of a record that is known to hold no line end.
    pub(super) fn pass_content(&mut self, n_bytes: usize) {
        self.after_cr &= n_bytes == 0;
    }
}

#[inline]
pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}
