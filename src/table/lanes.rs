//! Finds the bytes that mean something, 64 at a time: in wasm by SIMD, elsewhere by arithmetic on words.

/// How many bytes are looked at together.
pub(super) const BLOCK: usize = 64;

/// The bytes to look for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needles([u8; 6]);

impl Needles {
    /// The same byte may be given several times.
    pub(super) fn new(bytes: [u8; 6]) -> Self {
        Self(bytes)
    }

    /// A bit for each needle among at most [`BLOCK`] bytes, the first byte's the lowest.
    #[inline]
    pub(super) fn find(&self, bytes: &[u8]) -> u64 {
        if let Some(block) = bytes.first_chunk() {
            return self.find_in(block);
        }
        let mut block = [0; BLOCK];
        block[..bytes.len()].copy_from_slice(bytes);
        let beyond = !0 << bytes.len();
        self.find_in(&block) & !beyond
    }

    /// Written out: what is compiled to be small unrolls no loop.
    #[inline]
    fn find_in(&self, block: &[u8; BLOCK]) -> u64 {
        let (lanes, _) = block.as_chunks::<16>();
        u64::from(self.find_in_lane(&lanes[0]))
            | u64::from(self.find_in_lane(&lanes[1])) << 16
            | u64::from(self.find_in_lane(&lanes[2])) << 32
            | u64::from(self.find_in_lane(&lanes[3])) << 48
    }

    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    #[inline(always)]
    fn find_in_lane(&self, lane: &[u8; 16]) -> u16 {
        use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat, u64x2, v128, v128_or};
        #[inline(always)]
        fn equal(lane: v128, a: u8, b: u8) -> v128 {
            let (a, b) = (u8x16_splat(a), u8x16_splat(b));
            v128_or(u8x16_eq(lane, a), u8x16_eq(lane, b))
        }
        let (words, _) = lane.as_chunks::<8>();
        let lane = u64x2(u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1]));
        let [a, b, c, d, e, f] = self.0;
        let found = v128_or(equal(lane, a, b), equal(lane, c, d));
        u8x16_bitmask(v128_or(found, equal(lane, e, f)))
    }

    /// Of `word ^ needles` the bytes that are zero have their high bit clear and no carry into it; the multiplication
    /// gathers those bits in the top byte.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    #[inline]
    fn find_in_lane(&self, lane: &[u8; 16]) -> u16 {
        const EVERY: u64 = 0x0101_0101_0101_0101;
        const LOW: u64 = EVERY * 0x7f;
        let (words, _) = lane.as_chunks::<8>();
        let mut found = 0;
        for (index, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let mut equal = 0;
            for needle in self.0 {
                let other = word ^ (EVERY * u64::from(needle));
                equal |= !(((other & LOW) + LOW) | other | LOW);
            }
            let bits = (equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            found |= (bits as u16) << (8 * index);
        }
        found
    }
}
