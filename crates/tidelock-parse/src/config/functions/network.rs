//! IP address ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{integer_arg, not_known, text_arg};
use crate::config::{
    not_known::{Eval, Fail},
    val::Val,
};

/// An address range: the bits of its first address, its length, and how many bits an address has.
#[derive(Clone, Copy)]
struct Prefix {
    first: u128,
    length: u32,
    bits: u32,
}

impl Prefix {
    /// `None` for spellings that are not certain to be read like this, such as leading zeros.
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let length: u32 = length.parse().ok()?;
        let (address, bits) = match address.parse().ok()? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => return None,
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        if length > bits {
            return None;
        }
        Some(Self { first: address & !host_mask(bits - length), length, bits })
    }

    fn host_bits(self) -> u32 {
        self.bits - self.length
    }

    fn address(self, bits: u128) -> Option<String> {
        if self.bits == 32 {
            return u32::try_from(bits).ok().map(|bits| Ipv4Addr::from(bits).to_string());
        }
        let address = Ipv6Addr::from(bits);
        address.to_ipv4_mapped().is_none().then(|| address.to_string())
    }

    /// The range number `number` among those that are `new` bits longer.
    fn subnet(self, new: u32, number: u128) -> Result<Self, Fail> {
        let length = self.length.checked_add(new).filter(|length| *length <= self.bits);
        let length = length.ok_or(Fail("not enough address bits"))?;
        if new < 128 && number >> new != 0 {
            return Err(Fail("there is no such subnet"));
        }
        let shift = self.bits - length;
        let offset = if shift >= 128 { 0 } else { number << shift };
        Ok(Self { first: self.first | offset, length, bits: self.bits })
    }

    fn text(self) -> Val {
        self.address(self.first)
            .map_or_else(not_known, |address| Val::text(format!("{address}/{}", self.length)))
    }
}

/// The lowest `bits` bits.
fn host_mask(bits: u32) -> u128 {
    if bits >= 128 { u128::MAX } else { (1 << bits) - 1 }
}

pub(super) fn cidrhost(args: &[Val]) -> Eval {
    let Some(prefix) = Prefix::parse(&text_arg(args, 0)?) else {
        return Ok(not_known());
    };
    let number = integer_arg(args, 1)?;
    let mask = host_mask(prefix.host_bits());
    let host =
        if number < 0 { mask.checked_sub(number.unsigned_abs() - 1) } else { Some(number.unsigned_abs()) };
    let host = host.filter(|host| *host <= mask).ok_or(Fail("there is no such host"))?;
    Ok(prefix.address(prefix.first | host).map_or_else(not_known, Val::text))
}

pub(super) fn cidrnetmask(args: &[Val]) -> Eval {
    match Prefix::parse(&text_arg(args, 0)?) {
        Some(prefix) if prefix.bits == 32 => {
            let mask = host_mask(32) & !host_mask(prefix.host_bits());
            Ok(prefix.address(mask).map_or_else(not_known, Val::text))
        }
        // Older versions accept IPv6.
        _ => Ok(not_known()),
    }
}

fn new_bits(args: &[Val], at: usize) -> Result<u32, Fail> {
    u32::try_from(integer_arg(args, at)?).map_err(|_| Fail("no number of bits"))
}

pub(super) fn cidrsubnet(args: &[Val]) -> Eval {
    let Some(prefix) = Prefix::parse(&text_arg(args, 0)?) else {
        return Ok(not_known());
    };
    match u128::try_from(integer_arg(args, 2)?) {
        Ok(number) => Ok(prefix.subnet(new_bits(args, 1)?, number)?.text()),
        Err(_) => Ok(not_known()),
    }
}

pub(super) fn cidrsubnets(args: &[Val]) -> Eval {
    let Some(prefix) = Prefix::parse(&text_arg(args, 0)?) else {
        return Ok(not_known());
    };
    let end = prefix.first | host_mask(prefix.host_bits());
    let mut next = Some(prefix.first);
    let mut subnets = Vec::new();
    for at in 1..args.len() {
        let new = new_bits(args, at)?;
        let length = prefix.length.checked_add(new).filter(|length| *length <= prefix.bits && new > 0);
        let length = length.ok_or(Fail("not enough address bits"))?;
        let size = host_mask(prefix.bits - length);
        // Ranges start at multiples of their size.
        let start = next.and_then(|next| Some(next.checked_add(size)? & !size));
        let start = start.filter(|start| start | size <= end).ok_or(Fail("not enough addresses"))?;
        subnets.push(Prefix { first: start, length, bits: prefix.bits }.text());
        next = (start | size).checked_add(1);
    }
    Ok(Val::list(subnets))
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;

    #[test]
    fn address_ranges_are_cut_as_in_the_language() {
        all(&[
            ("cidrhost(\"10.12.112.0/20\", 16)", "\"10.12.112.16\""),
            ("cidrhost(\"10.12.112.0/20\", -1)", "\"10.12.127.255\""),
            ("cidrhost(\"fd00:fd12:3456:7890::/72\", 34)", "\"fd00:fd12:3456:7890::22\""),
            ("try(cidrhost(\"10.0.0.0/30\", 9), \"none\")", "\"none\""),
            ("cidrnetmask(\"172.16.0.0/12\")", "\"255.240.0.0\""),
            ("cidrsubnet(\"172.16.0.0/12\", 4, 2)", "\"172.18.0.0/16\""),
            ("cidrsubnet(\"fd00:fd12:3456:7890::/56\", 16, 162)", "\"fd00:fd12:3456:7800:a200::/72\""),
            (
                "cidrsubnets(\"10.1.0.0/16\", 4, 4, 8, 4)",
                r#"["10.1.0.0/20","10.1.16.0/20","10.1.32.0/24","10.1.48.0/20"]"#,
            ),
            ("try(cidrsubnet(\"10.0.0.0/8\", 2, 4), \"none\")", "\"none\""),
            ("cidrhost(\"010.0.0.0/8\", 1)", "cannot be evaluated"),
        ]);
    }
}
