// Names of outputs from names of assets (formats.md 4.1 "Output names", "Duplicates"). externalIds come from
// users and buckets: they may be empty, equal, hostile or longer than a file name can be.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ango::convert {

/// A name by the rules of 4.1, without the limit of length; may come out empty.
std::string clean_name(std::string_view original, bool keep_dirs);

/// name, or if it is longer than 180 bytes its first 160 at a character boundary, '~' and 8 hex digits of a hash of
/// original.
std::string limit_name(std::string name, std::string_view original);

/// Whether a name stays under the folder it is joined to: relative, no empty, "." or ".." part, no backslash.
bool stays_inside(std::string_view name);

/// Set of 64-bit hashes. Holds at most 15 bytes for each hash in it, also while it grows: 256 tables by the first
/// byte of the hash, each of which grows by half, one at a time.
class HashSet {
public:
    /// True if the hash was not in it.
    bool insert(std::uint64_t hash);
    bool contains(std::uint64_t hash) const;
    std::size_t size() const { return size_; }
    std::size_t bytes() const;

private:
    struct Table {
        std::vector<std::uint64_t> slots; // 0: free
        std::size_t used = 0;
    };
    static bool put(Table &table, std::uint64_t hash);

    std::array<Table, 256> tables_;
    std::size_t size_ = 0;
};

/// Gives every output of a run a name of its own, compared without case. It remembers hashes only: a chance
/// collision, one in 2^64 per pair, costs an unneeded suffix and never a file.
class OutputNames {
public:
    explicit OutputNames(bool keep_dirs) : keep_dirs_(keep_dirs) {}

    /// The name's parts before and after the place where suffixes go.
    struct Name {
        std::string stem;
        std::string extension; // with its dot, as it was written; may be empty
        std::string full() const { return stem + extension; }
    };

    /// Cleaned and short enough, not yet unique. Empty externalId: taskId, then "asset".
    Name base(std::string_view external_id, std::string_view task_id) const;

    /// base, its page suffix "_p000012" if there is a page, and where the name is taken "__<taskId>", then "_2",
    /// "_3". label_extension replaces the extension (".txt"); the comparison is on what is returned. changed
    /// tells whether it had to be made unique.
    Name unique(const Name &base, std::optional<std::uint64_t> page, std::string_view task_id,
                std::optional<std::string_view> label_extension, bool &changed);

private:
    bool take(const Name &name);
    bool is_taken(const Name &name);
    std::uint64_t hash_of(const Name &name);

    bool keep_dirs_;
    HashSet taken_;
    std::string folded_;
};

} // namespace ango::convert
