//! Embeddings' vectors, the same at every run: the nearer, the more words and letters two texts share.

/// A vector while features are added to it.
#[derive(Debug)]
pub(crate) struct Vector {
    values: Vec<f32>,
}

impl Vector {
    /// Of so many dimensions.
    pub fn new(dimensions: usize) -> Self {
        let mut vector = Self { values: vec![0.0; dimensions] };
        // A little that all have in common: no vector is null.
        (0..8_u8).for_each(|n| vector.add(&[n], 0.05));
        vector
    }

    /// Each word and each three letters in a row add to one dimension of their own.
    pub fn read(&mut self, text: &str) {
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let word = word.to_lowercase();
            self.add(word.as_bytes(), 1.0);
            word.as_bytes().windows(3).for_each(|letters| self.add(letters, 0.3));
        }
    }

    /// One feature.
    pub fn add(&mut self, feature: &[u8], weight: f32) {
        let hash = hash(feature);
        let dimensions = self.values.len().max(1) as u64;
        if let Some(value) = self.values.get_mut((hash % dimensions) as usize) {
            *value += if hash >> 63 == 0 { weight } else { -weight };
        }
    }

    /// Its first `dimensions` numbers, of length 1.
    pub fn unit(self, dimensions: usize) -> Vec<f32> {
        let mut values = self.values;
        values.truncate(dimensions);
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        match values.first_mut() {
            Some(first) if length == 0.0 => *first = 1.0,
            _ => values.iter_mut().for_each(|value| *value /= length),
        }
        values
    }
}

/// FNV-1a, the same on every machine and in every version, with its last bits mixed.
fn hash(bytes: &[u8]) -> u64 {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    hash ^ (hash >> 32)
}
