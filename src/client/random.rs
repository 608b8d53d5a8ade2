//! Random numbers that need not be secret, from a seed.

use uuid::Uuid;

/// A `SplitMix64` sequence.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    /// `seed` should differ from client to client.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A fraction from 0 up to 1.
    pub(super) fn fraction(&mut self) -> f64 {
        let upper = u32::try_from(self.next() >> 32).expect("32 bits are left");
        f64::from(upper) / 2f64.powi(32)
    }

    pub(super) fn uuid(&mut self) -> Uuid {
        let bytes = [self.next().to_be_bytes(), self.next().to_be_bytes()].concat();
        let bytes = bytes.try_into().expect("twice eight bytes are sixteen");
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
