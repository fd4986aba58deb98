//! LZ-string, as `LZString.compressToBase64` of old browser clients writes it.
//!
//! A text is written as places in a dictionary that grows with it. The numbers of bits of a place
//! grows with the dictionary; the first three places mean a new character of 8 bits, one of 16, and
//! the end. Characters are units of UTF-16.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BITS_PER_LETTER: u32 = 6;

/// Unpacks a text; `None` where it is not packed like this, or longer than so many characters.
pub(super) fn decompress_base64(text: &str, characters_max: usize) -> Option<String> {
    let letters = text.bytes().map(|it| if it == b' ' { b'+' } else { it });
    let mut bits = Bits::new(letters.filter(|it| *it != b'=').collect())?;
    let mut dictionary: Vec<Vec<u16>> = vec![Vec::new(); 3];
    let mut width = 3;
    // The first place is written in two bits, and cannot be one of the dictionary.
    let first = match bits.take(2)? {
        place @ (0 | 1) => bits.character(place)?,
        2 => return Some(String::new()),
        _ => return None,
    };
    dictionary.push(vec![first]);
    let mut previous = vec![first];
    let mut out = vec![first];
    // How many more entries fit before a place takes one bit more.
    let mut room: usize = 4;
    loop {
        let mut place = bits.take(width)?;
        if let new @ (0 | 1) = place {
            dictionary.push(vec![bits.character(new)?]);
            place = u32::try_from(dictionary.len() - 1).ok()?;
            grow(&mut room, &mut width);
        } else if place == 2 {
            return String::from_utf16(&out).ok();
        }
        let known = dictionary.get(place as usize).filter(|it| !it.is_empty());
        let entry = match known {
            Some(entry) => entry.clone(),
            None if place as usize == dictionary.len() => {
                let mut entry = previous.clone();
                entry.push(previous[0]);
                entry
            }
            None => return None,
        };
        out.extend_from_slice(&entry);
        if out.len() > characters_max {
            return None;
        }
        previous.push(entry[0]);
        dictionary.push(std::mem::replace(&mut previous, entry));
        grow(&mut room, &mut width);
    }
}

fn grow(room: &mut usize, width: &mut u32) {
    *room -= 1;
    if *room == 0 {
        *room = 1 << *width;
        *width += 1;
    }
}

/// Reads bits, of each letter the highest first; a number's lowest bit comes first.
struct Bits {
    values: Vec<u8>,
    at: usize,
}

impl Bits {
    fn new(letters: Vec<u8>) -> Option<Self> {
        let value = |letter: u8| {
            ALPHABET.iter().position(|it| *it == letter).and_then(|at| u8::try_from(at).ok())
        };
        let values = letters.into_iter().map(value).collect::<Option<Vec<u8>>>()?;
        Some(Self { values, at: 0 })
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        let mut number = 0;
        for power in 0..count {
            let per_letter = BITS_PER_LETTER as usize;
            let value = *self.values.get(self.at / per_letter)?;
            let bit = value >> (per_letter - 1 - self.at % per_letter) & 1;
            number |= u32::from(bit).checked_shl(power)?;
            self.at += 1;
        }
        Some(number)
    }

    /// A new character: of 8 bits, or of 16.
    fn character(&mut self, place: u32) -> Option<u16> {
        let bits = if place == 0 { 8 } else { 16 };
        self.take(bits).and_then(|it| u16::try_from(it).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_packed_by_the_vendors_library_is_read() {
        for (packed, text) in [
            ("Q===", ""),
            ("IZA=", "a"),
            ("IY1lA===", "aaaaaaaaaaaa"),
            (
                "N4IgpgbmB2AuIC4QCUwAcD2AnWACMAHpjmACYgA0IaWGaYOAlmAM6KimMuyPQDGsAPqNySAK4BGSiAAniEIFPTQDTmIAL6qgA===",
                "{\"event\":\"Report exported\",\"properties\":{\"distinct_id\":\"u1\",\"ä\":\"日本\"}}",
            ),
        ] {
            assert_eq!(decompress_base64(packed, 100).as_deref(), Some(text), "{packed}");
        }
    }

    #[test]
    fn what_is_broken_or_too_large_is_refused() {
        for packed in ["", "A", "{}", "////", "IZ"] {
            assert_eq!(decompress_base64(packed, 100), None, "{packed}");
        }
    }
}
