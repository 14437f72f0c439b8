//! As much protobuf as it takes to put a value into a plan, and to take it out of one.

fn varint(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn field(number: usize, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(bytes.len()), bytes.to_vec()].concat()
}

fn number(number: usize, value: usize) -> Vec<u8> {
    [varint(number << 3), varint(value)].concat()
}

/// A plan that has a value wherever it may have one.
pub fn plan_around(msgpack: &[u8]) -> Vec<u8> {
    const OBJECT: &[u8] = b"\x82\xa1a\x01\xa2id\xa1i";
    let value = field(1, msgpack);
    let path = field(1, &field(1, &field(2, &value)));
    let change = |before: &[u8], after: &[u8]| {
        [number(1, 3), field(2, &field(1, before)), field(2, &field(1, after)), path.clone()].concat()
    };
    let resource = |change: &[u8]| {
        [
            field(8, br#"provider["registry.terraform.io/hashicorp/aws"]"#),
            field(9, change),
            field(13, b"aws_s3_bucket.a"),
            field(14, b"aws_s3_bucket.a"),
        ]
        .concat()
    };
    let output = [field(1, b"o"), field(2, &change(msgpack, msgpack))].concat();
    let variable = [field(1, b"v"), field(2, &value)].concat();
    [
        number(1, 3),
        field(2, &variable),
        field(3, &resource(&change(msgpack, OBJECT))),
        field(18, &resource(&change(OBJECT, msgpack))),
        field(4, &output),
        field(14, b"1.11.4"),
    ]
    .concat()
}

/// The parts of a message that stand below these fields, one inside the other.
pub fn parts<'m>(message: &'m [u8], path: &[usize]) -> Vec<&'m [u8]> {
    let Some((wanted, below)) = path.split_first() else { return vec![message] };
    let mut found = Vec::new();
    let mut rest = message;
    while let Some(key) = take_varint(&mut rest) {
        let size = match key & 7 {
            0 => take_varint(&mut rest).map(|_| 0),
            1 => Some(8),
            2 => take_varint(&mut rest),
            5 => Some(4),
            _ => None,
        };
        let Some((part, behind)) = size.and_then(|size| rest.split_at_checked(size)) else { break };
        if key & 7 == 2 && key >> 3 == *wanted {
            found.extend(parts(part, below));
        }
        rest = behind;
    }
    found
}

fn take_varint(rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
