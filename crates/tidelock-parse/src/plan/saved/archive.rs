//! The container: a zip, read through its central directory, with a budget for every member.

use std::{collections::BTreeMap, fmt, ops::Bound};

use miniz_oxide::inflate::{
    TINFLStatus,
    core::{DecompressorOxide, decompress, inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF},
};
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipSliceArchive, crc32};

use super::PlanFileError;
use crate::source::Source;

/// The plan itself.
pub(super) const PLAN: &str = "tfplan";
/// The state after refresh.
pub(super) const STATE: &str = "tfstate";
/// The state as stored, upgraded and with moves applied.
pub(super) const STATE_BEFORE: &str = "tfstate-prev";
/// Which providers were selected.
pub(super) const LOCK: &str = ".terraform.lock.hcl";
/// Schemas of the types involved; OpenTofu 1.13.
pub(super) const SCHEMAS: &str = "tfschemas";
/// Where the sources stand.
pub(super) const SOURCES: &str = "tfconfig/";

/// Most members; a configuration of 100,000 files takes an hour to plan.
const MAX_MEMBERS: usize = 100_000;
/// Most bytes of one member, unpacked. The member `tfplan` of 10,000 resources is about 20 MiB.
const MAX_MEMBER: usize = 192 << 20;
/// Most bytes of the schemas, which take much more in memory. They are those of the types in use alone.
const MAX_SCHEMAS: usize = 16 << 20;
/// Most bytes of all members that are unpacked.
const MAX_TOTAL: usize = 512 << 20;
/// Deflate cannot pack tighter.
const MAX_RATIO: usize = 1032;

/// A saved plan file, its members found and none unpacked.
pub(super) struct Archive {
    name: String,
    zip: ZipSliceArchive<Bytes>,
    members: BTreeMap<Box<str>, Member>,
}

#[derive(Clone, Copy)]
struct Member {
    at: ZipArchiveEntryWayfinder,
    checksum: u32,
    method: CompressionMethod,
    encrypted: bool,
}

/// The bytes of the input, lent to the zip reader.
struct Bytes(Source);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Archive({:?}, {} members)", self.name, self.members.len())
    }
}

impl Archive {
    /// Finds the members. Exactly what stands in the central directory counts, and nothing may stand there twice.
    pub(super) fn open(source: &Source) -> Result<Self, PlanFileError> {
        let input = || source.name().to_owned();
        let broken = |_| PlanFileError::Zip { input: input() };
        let zip = ZipArchive::from_slice(Bytes(source.clone())).map_err(broken)?;
        // Something behind its end is of neither product; it would go along unseen.
        if u64::try_from(source.bytes().len()) != Ok(zip.end_offset()) {
            return Err(PlanFileError::Zip { input: input() });
        }
        let mut members = BTreeMap::new();
        for entry in zip.entries() {
            let entry = entry.map_err(broken)?;
            let path = entry.file_path();
            let name =
                std::str::from_utf8(path.as_bytes()).map_err(|_| PlanFileError::Zip { input: input() })?;
            let member = || shown(name);
            if leads_elsewhere(name) {
                return Err(PlanFileError::Name { input: input(), member: member() });
            }
            let about = Member {
                at: entry.wayfinder(),
                checksum: entry.crc32(),
                method: entry.compression_method(),
                encrypted: entry.flags().is_encrypted() || entry.flags().has_strong_encryption(),
            };
            if members.insert(name.into(), about).is_some() {
                return Err(PlanFileError::Duplicate { input: input(), member: member() });
            }
            if members.len() > MAX_MEMBERS {
                return Err(PlanFileError::TooManyMembers { input: input(), limit: MAX_MEMBERS });
            }
        }
        if u64::try_from(members.len()) != Ok(zip.entries_hint()) {
            return Err(PlanFileError::Zip { input: input() });
        }
        if !members.contains_key(PLAN) {
            return Err(PlanFileError::NoPlan { input: input() });
        }
        let archive = Self { name: input(), zip, members };
        archive.within_budget()?;
        Ok(archive)
    }

    /// What may ever be unpacked must fit. A member cannot unpack to more than it says, see [`Archive::unpack`], so this
    /// bounds what it does.
    fn within_budget(&self) -> Result<(), PlanFileError> {
        let mut left = MAX_TOTAL;
        let ours = |name: &str| {
            [PLAN, STATE, STATE_BEFORE, LOCK, SCHEMAS].contains(&name) || name.starts_with(SOURCES)
        };
        for name in self.members.keys().filter(|name| ours(name)) {
            let size = self.size(name);
            let limit = if name.as_ref() == SCHEMAS { MAX_SCHEMAS } else { MAX_MEMBER }.min(left);
            if size > limit {
                let (input, member) = (self.name.clone(), shown(name));
                return Err(PlanFileError::TooLarge { input, member, limit: limit >> 20 });
            }
            left -= size;
        }
        Ok(())
    }

    /// Name of the input.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn has(&self, member: &str) -> bool {
        self.members.contains_key(member)
    }

    /// Names of the members below a directory, the directory itself cut off; sorted.
    pub(super) fn below<'a>(&'a self, directory: &'a str) -> impl Iterator<Item = &'a str> {
        let from = self.members.range::<str, _>((Bound::Included(directory), Bound::Unbounded));
        from.map_while(move |(name, _)| name.strip_prefix(directory))
    }

    /// How large a member says it is; 0 if there is none.
    pub(super) fn size(&self, member: &str) -> usize {
        let size = self.members.get(member).map_or(0, |member| member.at.uncompressed_size_hint());
        usize::try_from(size).unwrap_or(usize::MAX)
    }

    /// Unpacks a member, all of it, and holds it against its checksum.
    pub(super) fn read(&self, member: &str) -> Result<Vec<u8>, PlanFileError> {
        let found = self.find(member)?;
        let size = self.size(member);
        let bytes = self.unpack(member, found, size)?;
        if bytes.len() != size || crc32(&bytes) != found.checksum {
            return Err(self.damaged(member));
        }
        Ok(bytes)
    }

    /// Holds the sources and both states against their checksums: without one of them a report would know less, and seem to
    /// be whole; and whether a file is damaged must not depend on what is asked about it.
    pub(super) fn check(&self) -> Result<(), PlanFileError> {
        let checked = |name: &str| name.starts_with(SOURCES) || [STATE, STATE_BEFORE].contains(&name);
        let mut members = self.members.keys().filter(|name| checked(name));
        members.try_for_each(|name| self.read(name).map(drop))
    }

    /// Unpacks the first bytes of a member, at most `most`; there is no checksum to hold them against.
    pub(super) fn peek(&self, member: &str, most: usize) -> Result<Vec<u8>, PlanFileError> {
        let found = self.find(member)?;
        self.unpack(member, found, self.size(member).min(most))
    }

    fn find(&self, member: &str) -> Result<Member, PlanFileError> {
        let input = || self.name.clone();
        let Some(found) = self.members.get(member) else {
            return Err(PlanFileError::Missing { input: input(), member: shown(member) });
        };
        if found.encrypted {
            return Err(PlanFileError::Encrypted { input: input(), member: shown(member) });
        }
        if ![CompressionMethod::STORE, CompressionMethod::DEFLATE].contains(&found.method) {
            let method = found.method.as_u16();
            return Err(PlanFileError::Method { input: input(), member: shown(member), method });
        }
        Ok(*found)
    }

    /// The first `size` bytes of a member. Whatever the member says of its size: no more is ever written.
    fn unpack(&self, name: &str, member: Member, size: usize) -> Result<Vec<u8>, PlanFileError> {
        let entry = self.zip.get_entry(member.at).map_err(|_| self.damaged(name))?;
        let packed = entry.data();
        if member.method == CompressionMethod::STORE {
            return packed.get(..size).map(<[u8]>::to_vec).ok_or_else(|| self.damaged(name));
        }
        if size / MAX_RATIO > packed.len() {
            return Err(self.damaged(name));
        }
        let mut bytes = vec![0; size];
        let mut inflater = Box::<DecompressorOxide>::default();
        let (status, _, written) =
            decompress(&mut inflater, packed, &mut bytes, 0, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF);
        match status {
            TINFLStatus::Done if written == size => Ok(bytes),
            // A peek ends in the middle; in a whole member there must be nothing more.
            TINFLStatus::HasMoreOutput if written == size && size < self.size(name) => Ok(bytes),
            _ => Err(self.damaged(name)),
        }
    }

    pub(super) fn damaged(&self, member: &str) -> PlanFileError {
        PlanFileError::Damaged { input: self.name.clone(), member: shown(member) }
    }

    /// A member is not what it should be.
    pub(super) fn shape(&self, member: &str) -> PlanFileError {
        PlanFileError::Shape { input: self.name.clone(), member: shown(member) }
    }
}

/// A name without anything that could steer a terminal, and not longer than a line.
fn shown(member: &str) -> String {
    member.chars().take(100).flat_map(char::escape_debug).collect()
}

/// Nothing is ever written to disk under these names; one that tries to lead elsewhere was made for no good.
fn leads_elsewhere(name: &str) -> bool {
    name.starts_with('/') || name.contains(['\\', '\0']) || name.split('/').any(|part| part == "..")
}
