// Three parts: cleaning of a name (clean_name, limit_name), the set of hashes, and OutputNames, which looks for a free
// name. A name decides where bytes go in the user's folder when the zip is unpacked, so it never leads out of that
// folder, and it works on every common file system.
#include "common/output_name.hpp"

#include "common/asset_kind.hpp"
#include "common/names.hpp"
#include "common/text.hpp"

#include <algorithm>
#include <cstdio>

namespace ango::common {

namespace {

constexpr std::size_t kLongest = 180; // bytes
constexpr std::size_t kCutTo = 160;   // bytes, before '~' and the hash

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_forbidden(unsigned char c) {
    return c < 0x20 || c == 0x7F || std::string_view("<>:\"|?*").find(static_cast<char>(c)) != std::string_view::npos;
}

/// CON, COM1, ...: Windows opens the device whatever the extension is, and ignores blanks before the dot.
bool is_device(std::string_view part) {
    std::string_view stem = part.substr(0, part.find('.'));
    while (!stem.empty() && stem.back() == ' ') stem.remove_suffix(1);
    const std::string name = ascii_lower(stem);
    if (name == "con" || name == "prn" || name == "aux" || name == "nul") return true;
    return name.size() == 4 && (name.starts_with("com") || name.starts_with("lpt")) && name[3] >= '1' && name[3] <= '9';
}

/// Valid UTF-8 with '/' between parts; bad bytes become '_'.
std::string with_slashes(std::string_view original) {
    std::string text;
    text.reserve(original.size());
    for (std::size_t i = 0; i < original.size();) {
        const std::size_t length = utf8_length(original, i);
        if (length == 0)
            text += '_';
        else if (original[i] == '\\')
            text += '/';
        else
            text.append(original.substr(i, length));
        i += std::max<std::size_t>(length, 1);
    }
    return text;
}

std::string clean_part(std::string_view part) {
    std::string text(part);
    for (char &c : text)
        if (is_forbidden(static_cast<unsigned char>(c))) c = '_';
    while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
    if (is_device(text)) text.insert(0, 1, '_');
    return text;
}

/// Most names need no cleaning: one part of letters, digits and a few signs.
bool is_plain(std::string_view name) {
    const auto plain = [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    };
    return !name.empty() && name.size() > 4 && name.back() != '.' && std::all_of(name.begin(), name.end(), plain) &&
           !is_device(name);
}

} // namespace

std::string clean_name(std::string_view original, bool keep_dirs) {
    if (is_plain(original)) return std::string(original);
    const std::string text = with_slashes(original);
    std::string name;
    bool first = true;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('/', begin), text.size());
        std::string_view part = std::string_view(text).substr(begin, end - begin);
        begin = end + 1;
        if (part.empty() || part == "." || part == "..") continue;
        if (first && part.size() >= 2 && is_letter(part[0]) && part[1] == ':') part.remove_prefix(2);
        first = false;
        const std::string clean = clean_part(part);
        if (clean.empty()) continue;
        if (!name.empty()) name += keep_dirs ? '/' : '_';
        name += clean;
    }
    return name;
}

std::string limit_name(std::string name, std::string_view original) {
    if (name.size() <= kLongest) return name;
    std::size_t cut = kCutTo;
    while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xC0u) == 0x80u) --cut;
    name.resize(cut);
    char hash[12];
    std::snprintf(hash, sizeof hash, "~%08x", static_cast<unsigned>(stable_hash(original)));
    return name + hash;
}

bool stays_inside(std::string_view name) {
    if (name.empty() || name.find('\\') != std::string_view::npos) return false;
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find('/', begin), name.size());
        const std::string_view part = name.substr(begin, end - begin);
        if (part.empty() || part == "." || part == "..") return false;
        begin = end + 1;
    }
    return !(name.size() >= 2 && is_letter(name[0]) && name[1] == ':');
}

// ---- HashSet ----

namespace {

/// The place of a hash in a table of any size, by its lower 56 bits. The upper 8 bits have chosen the table.
std::size_t place_of(std::uint64_t hash, std::size_t slots) {
    return static_cast<std::size_t>((static_cast<unsigned __int128>(hash << 8) * slots) >> 64);
}

} // namespace

bool HashSet::put(Table &table, std::uint64_t hash) {
    for (std::size_t at = place_of(hash, table.slots.size());; at = at + 1 == table.slots.size() ? 0 : at + 1) {
        if (table.slots[at] == hash) return false;
        if (table.slots[at] != 0) continue;
        table.slots[at] = hash;
        ++table.used;
        return true;
    }
}

bool HashSet::contains(std::uint64_t hash) const {
    hash = hash ? hash : 1; // 0 marks a free slot
    const Table &table = tables_[hash >> 56];
    if (table.slots.empty()) return false;
    for (std::size_t at = place_of(hash, table.slots.size());; at = at + 1 == table.slots.size() ? 0 : at + 1) {
        if (table.slots[at] == hash) return true;
        if (table.slots[at] == 0) return false;
    }
}

bool HashSet::insert(std::uint64_t hash) {
    hash = hash ? hash : 1;
    Table &table = tables_[hash >> 56];
    if (table.used * 5 >= table.slots.size() * 4) { // four fifths full: probes stay short
        Table larger;
        larger.slots.resize(std::max<std::size_t>(8, table.slots.size() + table.slots.size() / 2));
        for (const std::uint64_t old : table.slots)
            if (old) put(larger, old);
        table = std::move(larger);
    }
    const bool added = put(table, hash);
    size_ += added;
    return added;
}

std::size_t HashSet::bytes() const {
    std::size_t sum = 0;
    for (const Table &table : tables_) sum += table.slots.capacity() * sizeof(std::uint64_t);
    return sum;
}

// ---- OutputNames ----

OutputNames::Name OutputNames::base(std::string_view external_id, std::string_view task_id) const {
    std::string_view original = external_id;
    std::string name = clean_name(external_id, keep_dirs_);
    if (name.empty()) {
        original = task_id;
        name = clean_name(task_id, keep_dirs_);
    }
    if (name.empty()) name = "asset";
    const std::size_t slash = name.rfind('/');
    const std::size_t part = slash == std::string::npos ? 0 : slash + 1;
    const std::string_view extension = extension_of(std::string_view(name).substr(part));
    Name result{name.substr(0, name.size() - extension.size()), std::string(extension)};
    result.stem = limit_name(std::move(result.stem), original);
    if (!stays_inside(result.stem))
        result.stem = "asset"; // impossible after cleaning, but a name decides where bytes go
    return result;
}

OutputNames::Name OutputNames::unique(const Name &base, std::optional<std::uint64_t> page, std::string_view task_id,
                                      std::optional<std::string_view> label_extension, bool &changed) {
    char page_text[32] = "";
    if (page) std::snprintf(page_text, sizeof page_text, "_p%06llu", static_cast<unsigned long long>(*page));
    Name name{base.stem + page_text, label_extension ? std::string(*label_extension) : base.extension};
    changed = false;
    if (take(name)) return name;

    changed = true;
    std::string stem = base.stem;
    const std::string task = clean_name(task_id, false);
    if (!task.empty()) {
        stem = limit_name(stem + "__" + task, stem + std::string(task_id));
        name.stem = stem + page_text;
        if (take(name)) return name;
    }
    const auto numbered = [&](std::uint64_t number) {
        name.stem = stem + "_" + std::to_string(number) + page_text;
        return name;
    };
    // With thousands of equal names, trying every number would be slow: double the step, then halve the interval.
    std::uint64_t step = 1;
    while (is_taken(numbered(1 + step))) step *= 2;
    std::uint64_t taken = 1 + step / 2, free = 1 + step;
    while (free - taken > 1) {
        const std::uint64_t middle = taken + (free - taken) / 2;
        (is_taken(numbered(middle)) ? taken : free) = middle;
    }
    take(numbered(free));
    return name;
}

std::uint64_t OutputNames::hash_of(const Name &name) {
    folded_.clear();
    append_case_folded(folded_, composed(name.stem)); // some file systems take both forms for one
    append_case_folded(folded_, name.extension);
    return stable_hash(folded_);
}

bool OutputNames::take(const Name &name) { return taken_.insert(hash_of(name)); }
bool OutputNames::is_taken(const Name &name) { return taken_.contains(hash_of(name)); }

} // namespace ango::common
