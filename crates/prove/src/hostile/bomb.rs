//! A gzip bomb, written bit by bit: zeros by the million in a few kilobytes.

/// How many bytes it becomes.
const BECOMES: usize = 64 << 20;
/// Zeros that one step of it stands for: the longest match of deflate.
const STEP: usize = 258;

/// The bomb.
pub(super) fn gzip() -> Vec<u8> {
    let mut bits = Bits { bytes: vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF], bit: 8 };
    // The last block, with fixed codes (RFC 1951, 3.2.6).
    bits.push(1, 1);
    bits.push(0b01, 2);
    // The literal 0.
    bits.push_code(0b0011_0000, 8);
    for _ in 0..BECOMES / STEP {
        // 258 times what lies 1 before.
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    // The end of the block.
    bits.push_code(0, 7);
    bits.bytes
}

struct Bits {
    bytes: Vec<u8>,
    /// Bits of the last byte that are used.
    bit: u8,
}

impl Bits {
    /// Lowest bit first.
    fn push(&mut self, value: u16, count: u8) {
        for place in 0..count {
            if self.bit == 8 {
                self.bytes.push(0);
                self.bit = 0;
            }
            if value >> place & 1 == 1
                && let Some(last) = self.bytes.last_mut()
            {
                *last |= 1 << self.bit;
            }
            self.bit += 1;
        }
    }

    /// Huffman codes go highest bit first.
    fn push_code(&mut self, code: u16, count: u8) {
        for place in (0..count).rev() {
            self.push(code >> place & 1, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_small() {
        let bomb = super::gzip();
        assert_eq!(bomb[..3], [0x1F, 0x8B, 8]);
        assert!(bomb.len() < super::BECOMES / 100, "{}", bomb.len());
    }
}
