//! `phx_ref`s: 16 characters that name one meta of one presence.

/// Makes `phx_ref`s, each of them once.
#[derive(Debug)]
pub(crate) struct PhxRefs {
    seed: u64,
    made: u32,
}

impl PhxRefs {
    /// `seed` tells these from those of others.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, made: 0 }
    }

    /// One that was not made before.
    pub(crate) fn next(&mut self) -> String {
        self.made = self.made.wrapping_add(1);
        let bits = u128::from(self.seed) << 32 | u128::from(self.made);
        (0..16).rev().map(|place| base64url(bits >> (6 * place))).collect()
    }
}

fn base64url(bits: u128) -> char {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char::from(ALPHABET[(bits & 63) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phx_refs_have_16_characters_and_differ() {
        let mut refs = PhxRefs::new(u64::MAX);
        let made: Vec<String> = (0..100).map(|_| refs.next()).collect();
        assert_eq!(made[0], "__________8AAAAB");
        assert!(made.iter().all(|made| made.len() == 16));
        let different: std::collections::BTreeSet<&String> = made.iter().collect();
        assert_eq!(different.len(), 100);
    }
}
