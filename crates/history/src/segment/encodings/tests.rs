//! The encodings as the reference writes them, read back.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Encoding, Type as Physical};
use parquet::column::page::Page;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type};
use proptest::prelude::*;

use super::super::levels::Levels;
use super::{Differences, Found, hybrid_with_width, plain_numbers, plain_text};

/// The pages of a file of one column.
fn pages(
    physical: Physical,
    properties: WriterProperties,
    write: impl FnOnce(&mut parquet::file::writer::SerializedColumnWriter<'_>),
) -> Vec<Page> {
    let field = Type::primitive_type_builder("it", physical)
        .with_repetition(parquet::basic::Repetition::OPTIONAL)
        .build()
        .unwrap();
    let schema = Type::group_type_builder("schema").with_fields(vec![Arc::new(field)]).build();
    let mut file = Vec::new();
    let (schema, properties) = (Arc::new(schema.unwrap()), Arc::new(properties));
    let mut writer = SerializedFileWriter::new(&mut file, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    write(&mut column);
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    let reader = SerializedFileReader::new(Bytes::from(file)).unwrap();
    let group = reader.get_row_group(0).unwrap();
    let mut reader = group.get_column_page_reader(0).unwrap();
    std::iter::from_fn(|| reader.get_next_page().unwrap()).collect()
}

/// The levels and the values of a data page.
fn parts(page: &Page) -> (Vec<(usize, bool)>, Bytes, Encoding) {
    let Page::DataPage { buf, num_values, encoding, .. } = page else { panic!("{page:?}") };
    let length = u32::from_le_bytes(buf[..4].try_into().unwrap()) as usize;
    let levels = Levels::of(buf.slice(4..4 + length), *num_values as usize).unwrap();
    let has = levels.stretches().unwrap();
    let mut rows = Vec::new();
    assert_eq!(levels.present(7, &mut rows).unwrap(), 7 + num_values);
    let stretches = has.iter().flat_map(|(count, has)| std::iter::repeat_n(*has, *count));
    let expected: Vec<u32> = (7..).zip(stretches).filter(|it| it.1).map(|it| it.0).collect();
    assert_eq!(rows, expected);
    assert_eq!(levels.count, rows.len());
    (has, buf.slice(4 + length..), *encoding)
}

fn plain_writer(encoding: Option<Encoding>) -> WriterProperties {
    let builder = WriterProperties::builder().set_dictionary_enabled(encoding.is_none());
    let path = ColumnPath::from("it");
    match encoding {
        Some(encoding) => builder.set_column_encoding(path, encoding),
        None => builder,
    }
    .build()
}

/// Writes numbers that only some rows have; returns the pages.
fn written(numbers: &[Option<i64>], encoding: Option<Encoding>) -> Vec<Page> {
    pages(Physical::INT64, plain_writer(encoding), |column| {
        let levels: Vec<i16> = numbers.iter().map(|it| i16::from(it.is_some())).collect();
        let values: Vec<i64> = numbers.iter().flatten().copied().collect();
        column.typed::<Int64Type>().write_batch(&values, Some(&levels), None).unwrap();
    })
}

/// Whether each row has a value.
fn has_of(has: &[(usize, bool)]) -> Vec<bool> {
    has.iter().flat_map(|(rows, has)| std::iter::repeat_n(*has, *rows)).collect()
}

fn differences_of(numbers: &[Option<i64>]) -> Vec<i64> {
    let mut read = Vec::new();
    let mut has_all = Vec::new();
    for page in written(numbers, Some(Encoding::DELTA_BINARY_PACKED)) {
        let (has, bytes, encoding) = parts(&page);
        has_all.extend(has_of(&has));
        let any = has.iter().any(|(_, has)| *has);
        if any {
            assert_eq!(encoding, Encoding::DELTA_BINARY_PACKED);
            Differences::of(&bytes).unwrap().unpack(&mut read).unwrap();
        }
    }
    let expected: Vec<bool> = numbers.iter().map(Option::is_some).collect();
    assert_eq!(has_all, expected);
    read
}

/// Numbers written under a dictionary, looked up in it.
fn looked_up(numbers: &[Option<i64>]) -> Vec<i64> {
    let mut known = Vec::new();
    let mut read = Vec::new();
    for page in written(numbers, None) {
        if let Page::DictionaryPage { buf, .. } = &page {
            known.extend(plain_numbers(buf));
            continue;
        }
        let (has, bytes, _) = parts(&page);
        let count = has.iter().filter(|it| it.1).map(|it| it.0).sum();
        hybrid_with_width(&bytes, count, &mut |found| match found {
            Found::Run(place, count) => read.resize(read.len() + count, known[place as usize]),
            Found::Each(places) => read.extend(places.iter().map(|it| known[*it as usize])),
        })
        .unwrap();
    }
    read
}

#[test]
fn a_dictionary_of_very_many_words_is_read() {
    let numbers: Vec<i64> = (0..90_000).chain((0..90_000).map(|it| it * 7_919 % 90_000)).collect();
    let some: Vec<Option<i64>> = numbers.iter().copied().map(Some).collect();
    assert_eq!(looked_up(&some), numbers);
}

#[test]
fn differences_of_every_width_are_read() {
    for width in 0..64 {
        let step = 1_i64.unbounded_shl(width).wrapping_sub(1);
        // Up and down by numbers of so many bits, over more than one block.
        let numbers: Vec<i64> = (0..700_i64)
            .scan(0_i64, |at, it| {
                let by = step.wrapping_sub(it % 7 * (step / 9));
                *at = if it % 2 == 0 { at.wrapping_add(by) } else { at.wrapping_sub(by / 3) };
                Some(*at)
            })
            .collect();
        let some: Vec<Option<i64>> = numbers.iter().copied().map(Some).collect();
        assert_eq!(differences_of(&some), numbers, "of {width} bits");
    }
}

#[test]
fn differences_may_be_as_long_as_numbers_are() {
    for numbers in [
        vec![i64::MIN, i64::MAX, 0, -1, i64::MAX, i64::MIN, 1],
        vec![i64::MAX; 300],
        vec![i64::MIN],
        (0..1000).map(|it| if it % 3 == 0 { i64::MAX - it } else { i64::MIN + it }).collect(),
    ] {
        let some: Vec<Option<i64>> = numbers.iter().copied().map(Some).collect();
        assert_eq!(differences_of(&some), numbers);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn differences_and_levels_are_read_as_written(
        numbers in prop::collection::vec(prop::option::weighted(0.8, any::<i64>()), 0..900),
        small in any::<bool>(),
    ) {
        let numbers: Vec<Option<i64>> =
            numbers.iter().map(|it| it.map(|it| if small { it >> 44 } else { it })).collect();
        let expected: Vec<i64> = numbers.iter().flatten().copied().collect();
        prop_assert_eq!(differences_of(&numbers), expected);
    }

    /// Places in dictionaries of any size: of any width of bits, in runs and one by one.
    #[test]
    fn places_in_a_dictionary_are_read_as_written(
        words in 1_i64..6_000,
        runs in prop::collection::vec((any::<u32>(), 1_usize..40), 1..200),
    ) {
        let of = |it: u32| i64::from(it) % words;
        let numbers: Vec<Option<i64>> = (0..words)
            .chain(runs.iter().flat_map(|(it, count)| std::iter::repeat_n(of(*it), *count)))
            .map(Some)
            .collect();
        let expected: Vec<i64> = numbers.iter().flatten().copied().collect();
        prop_assert_eq!(looked_up(&numbers), expected);
    }

    #[test]
    fn plain_texts_are_read_as_written(texts in prop::collection::vec(".{0,40}", 0..60)) {
        let pages = pages(Physical::BYTE_ARRAY, plain_writer(Some(Encoding::PLAIN)), |column| {
            let values: Vec<ByteArray> = texts.iter().map(|it| it.as_str().into()).collect();
            let levels = vec![1; values.len()];
            column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
        });
        let mut read = Vec::new();
        for page in pages {
            let (_, bytes, _) = parts(&page);
            let mut at = 0;
            while at < bytes.len() {
                let (from, to) = plain_text(&bytes, at).unwrap();
                read.push(String::from_utf8(bytes[from..to].to_vec()).unwrap());
                at = to;
            }
        }
        prop_assert_eq!(read, texts);
    }

    /// What a page says is not trusted.
    #[test]
    fn pages_cut_anywhere_or_of_any_bytes_are_refused_or_read(
        numbers in prop::collection::vec(any::<i64>(), 1..400),
        cut in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..80),
        count in 0_usize..2_000,
    ) {
        let some: Vec<Option<i64>> = numbers.iter().copied().map(Some).collect();
        for page in written(&some, Some(Encoding::DELTA_BINARY_PACKED)) {
            let (_, bytes, _) = parts(&page);
            let bytes = &bytes[..cut.index(bytes.len())];
            let mut read = Vec::new();
            let done = Differences::of(bytes).and_then(|it| it.unpack(&mut read));
            prop_assert!(done.is_err() || read.len() < numbers.len() + 1);
        }
        let mut read = Vec::new();
        Differences::of(&noise).and_then(|it| it.unpack(&mut read)).ok();
        let mut told = 0;
        let done = hybrid_with_width(&noise, count, &mut |found| match found {
            Found::Run(_, count) => told += count,
            Found::Each(them) => told += them.len(),
        });
        prop_assert!(told <= count && (done.is_err() || told == count));
        if let Ok(has) = Levels::of(noise.clone().into(), count) {
            let has = has.stretches().unwrap();
            prop_assert_eq!(has.iter().map(|it| it.0).sum::<usize>(), count);
        }
        plain_text(&noise, count).ok();
    }
}
