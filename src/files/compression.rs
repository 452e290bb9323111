//! The compressions that a stage's files can have. Each is a well-kept crate's; this is the table of them.

use std::io::{self, BufRead, BufReader, Read, Write};

/// COMPRESSION of a file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// By what the file begins with; Brotli cannot be told that way.
    Auto,
    Gzip,
    Bz2,
    Brotli,
    Zstd,
    /// With zlib's header.
    Deflate,
    RawDeflate,
    None,
}

/// Keyword, compression, and what a file with it is called.
pub const COMPRESSIONS: &[(&str, Compression, &str)] = &[
    ("AUTO", Compression::Auto, ""),
    ("BROTLI", Compression::Brotli, ".br"),
    ("BZ2", Compression::Bz2, ".bz2"),
    ("DEFLATE", Compression::Deflate, ".deflate"),
    ("GZIP", Compression::Gzip, ".gz"),
    ("NONE", Compression::None, ""),
    ("RAW_DEFLATE", Compression::RawDeflate, ".raw_deflate"),
    ("ZSTD", Compression::Zstd, ".zst"),
];

/// The decompressed bytes of a file. A truncated file is an error, never an early end.
pub fn decompressed<'a>(
    source: impl Read + Send + 'a,
    compression: Compression,
) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let compression = match compression {
        Compression::Auto => detected(source.fill_buf()?),
        given => given,
    };
    Ok(match compression {
        Compression::Auto | Compression::None => Box::new(source),
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(source)),
        Compression::Deflate => Box::new(flate2::bufread::ZlibDecoder::new(source)),
        Compression::RawDeflate => Box::new(flate2::bufread::DeflateDecoder::new(source)),
        Compression::Bz2 => Box::new(bzip2::bufread::MultiBzDecoder::new(source)),
        Compression::Zstd => Box::new(zstd::Decoder::with_buffer(source)?),
        Compression::Brotli => Box::new(brotli::Decompressor::new(source, 1 << 16)),
    })
}

/// What a file's first bytes say.
fn detected(head: &[u8]) -> Compression {
    match head {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Compression::Bz2,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
        // a zlib header is a multiple of 31 and names the method and the window
        [0x78, level @ (0x01 | 0x5e | 0x9c | 0xda), ..]
            if (0x7800 + u16::from(*level)) % 31 == 0 =>
        {
            Compression::Deflate
        }
        _ => Compression::None,
    }
}

/// Writes compressed bytes; `finish` must be called.
pub enum Compressor<W: Write> {
    Plain(W),
    Gzip(flate2::write::GzEncoder<W>),
    Bz2(bzip2::write::BzEncoder<W>),
    Zstd(zstd::Encoder<'static, W>),
    Deflate(flate2::write::ZlibEncoder<W>),
    RawDeflate(flate2::write::DeflateEncoder<W>),
    Brotli(Box<brotli::CompressorWriter<W>>),
}

impl<W: Write> Compressor<W> {
    /// `Auto` is gzip, as for unloading.
    pub fn new(target: W, compression: Compression) -> io::Result<Self> {
        let level = flate2::Compression::default();
        Ok(match compression {
            Compression::None => Compressor::Plain(target),
            Compression::Auto | Compression::Gzip => {
                Compressor::Gzip(flate2::write::GzEncoder::new(target, level))
            }
            Compression::Deflate => {
                Compressor::Deflate(flate2::write::ZlibEncoder::new(target, level))
            }
            Compression::RawDeflate => {
                Compressor::RawDeflate(flate2::write::DeflateEncoder::new(target, level))
            }
            Compression::Bz2 => Compressor::Bz2(bzip2::write::BzEncoder::new(
                target,
                bzip2::Compression::default(),
            )),
            Compression::Zstd => Compressor::Zstd(zstd::Encoder::new(target, 0)?),
            Compression::Brotli => {
                let writer = brotli::CompressorWriter::new(target, 1 << 16, 5, 22);
                Compressor::Brotli(Box::new(writer))
            }
        })
    }

    /// Writes what is left and gives the target back.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Compressor::Plain(target) => Ok(target),
            Compressor::Gzip(writer) => writer.finish(),
            Compressor::Bz2(writer) => writer.finish(),
            Compressor::Zstd(writer) => writer.finish(),
            Compressor::Deflate(writer) => writer.finish(),
            Compressor::RawDeflate(writer) => writer.finish(),
            Compressor::Brotli(writer) => Ok(writer.into_inner()),
        }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Compressor::Plain(writer) => writer,
            Compressor::Gzip(writer) => writer,
            Compressor::Bz2(writer) => writer,
            Compressor::Zstd(writer) => writer,
            Compressor::Deflate(writer) => writer,
            Compressor::RawDeflate(writer) => writer,
            Compressor::Brotli(writer) => writer,
        }
    }
}

impl<W: Write> Write for Compressor<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_is_read_back() {
        let text = "id,name\n1,Ada\n".repeat(5_000);
        for (keyword, compression, _) in COMPRESSIONS {
            let mut compressor = Compressor::new(Vec::new(), *compression).unwrap();
            compressor.write_all(text.as_bytes()).unwrap();
            let bytes = compressor.finish().unwrap();
            let mut back = String::new();
            decompressed(&bytes[..], *compression)
                .unwrap()
                .read_to_string(&mut back)
                .unwrap();
            assert_eq!(back, text, "{keyword}");
            // raw deflate has no header to be known by, Brotli neither
            if !matches!(compression, Compression::Brotli | Compression::RawDeflate) {
                back.clear();
                decompressed(&bytes[..], Compression::Auto)
                    .unwrap()
                    .read_to_string(&mut back)
                    .unwrap();
                assert_eq!(back, text, "{keyword}, detected");
            }
        }
    }

    #[test]
    fn a_truncated_file_is_an_error() {
        let text = "some text that repeats itself ".repeat(5_000);
        for (keyword, compression, _) in COMPRESSIONS {
            if *compression == Compression::None {
                continue;
            }
            let mut compressor = Compressor::new(Vec::new(), *compression).unwrap();
            compressor.write_all(text.as_bytes()).unwrap();
            let bytes = compressor.finish().unwrap();
            let mut back = Vec::new();
            let read = decompressed(&bytes[..bytes.len() / 2], *compression)
                .and_then(|mut source| source.read_to_end(&mut back));
            assert!(read.is_err(), "{keyword}");
        }
    }
}
