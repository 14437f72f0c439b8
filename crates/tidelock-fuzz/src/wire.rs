//! As much protobuf as it takes to put a value into a plan.

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
pub(crate) fn plan_around(msgpack: &[u8]) -> Vec<u8> {
    const OBJECT: &[u8] = b"\x82\xa1a\x01\xa2id\xa1i";
    let value = field(1, msgpack);
    // A sensitive path of one step, an index.
    let path = field(3, &field(1, &field(2, &value)));
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
