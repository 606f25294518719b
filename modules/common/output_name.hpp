// Names of outputs, made from names of assets (modules/FORMATS.md 4.5). externalIds come from users and buckets: they
// may be empty, equal, hostile or longer than a file name can be.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ango::common {

/// The name by the rules of FORMATS.md 4.5, without the limit of length. The result may be empty.
std::string clean_name(std::string_view original, bool keep_dirs);

/// name. If it is longer than 180 bytes: its first 160 bytes, cut at a character, then '~' and 8 hexadecimal digits of
/// a hash of original.
std::string limit_name(std::string name, std::string_view original);

/// Whether a name stays below the folder that it is joined to: relative, no empty, "." or ".." part, no backslash.
bool stays_inside(std::string_view name);

/// A set of 64-bit hashes. It needs at most 15 bytes for each hash, even while it grows: it has 256 tables, by the
/// first byte of the hash, and they grow by half, one at a time.
class HashSet {
public:
    /// True if the hash is new.
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

/// Gives every output of a run a name of its own; upper and lower case are not told apart, nor are the
/// Unicode forms of accented letters (NFC and NFD). It keeps only hashes. A
/// collision by chance (one in 2^64 for each pair) costs a suffix that was not needed, and never a file.
class OutputNames {
public:
    explicit OutputNames(bool keep_dirs) : keep_dirs_(keep_dirs) {}

    /// The parts of the name before and behind the place for suffixes.
    struct Name {
        std::string stem;
        std::string extension; // with its dot, as given; may be empty
        std::string full() const { return stem + extension; }
    };

    /// Cleaned and short enough, but not yet unique. For an empty externalId: taskId, otherwise "asset".
    Name base(std::string_view external_id, std::string_view task_id) const;

    /// base with the suffix of its page ("_p000012"), if there is a page; if that name is taken, also with
    /// "__<taskId>", then "_2", "_3" and so on. label_extension replaces the extension (".txt"). Returned names are
    /// compared. changed tells whether the name had to be made unique.
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

} // namespace ango::common
