// Whether the files of a state_dir can be used, before they are.
//
// SQLite opens a file of zero bytes as a new database, and adds its tables to the database of another program. Both would
// lose jobs, or harm others, without a word. So the beginning of the file is looked at first, then its tables, and then, if
// that is quick, its structure. All of this reads only.
// Thread: the one that opens the store; it blocks.
#include "jobs/store_folder.hpp"

#include "base/file_access.hpp"
#include "base/files.hpp"
#include "jobs/schema.hpp"
#include "jobs/sqlite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string_view>

namespace angod::jobs {

namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr auto kMagic = "SQLite format 3\0"sv;

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t out = 0;
    for (const char c : bytes) out = out << 8 | static_cast<unsigned char>(c);
    return out;
}

bool is_there(const fs::path &path) {
    std::error_code failed;
    return fs::exists(path, failed);
}

bool has_files(const fs::path &folder) {
    std::error_code failed;
    const fs::directory_iterator first(folder, failed);
    return !failed && first != fs::directory_iterator();
}

bool has_table(Database &db, const char *name) {
    Statement ask(db, "SELECT count(*) FROM sqlite_master WHERE ?1 = '' OR (type = 'table' AND name = ?1)");
    return ask.bind(std::string_view(name)).step() && ask.number(0) > 0;
}

} // namespace

FileHead head_of(const fs::path &file) {
    FileHead head;
    std::error_code failed;
    head.bytes = fs::file_size(file, failed);
    if (failed) return {};
    head.kind = FileHead::Kind::empty;
    if (head.bytes == 0) return head;
    std::string bytes(100, '\0');
    std::ifstream in(file, std::ios::binary);
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const std::string_view read(bytes.data(), static_cast<std::size_t>(in.gcount()));
    if (read.size() == bytes.size() && read.starts_with(kMagic)) {
        head.kind = FileHead::Kind::sqlite;
        const std::uint64_t size = big_endian(read.substr(16, 2));
        const bool current = read.substr(24, 4) == read.substr(92, 4);
        if (current) head.expected_bytes = (size == 1 ? 65536 : size) * big_endian(read.substr(28, 4));
    } else {
        const bool zeros = std::all_of(read.begin(), read.end(), [](char c) { return c == 0; });
        head.kind = zeros ? FileHead::Kind::zeros : FileHead::Kind::other;
    }
    return head;
}

std::optional<std::string> damaged_head(const fs::path &folder) {
    const fs::path database = folder / kDatabase;
    const FileHead head = head_of(database);
    const bool has_log = is_there(database.string() + "-wal");
    std::error_code no_log;
    // SQLite removes the log of a database without pages as soon as it opens it.
    const bool has_pages_in_log = fs::file_size(database.string() + "-wal", no_log) > 0 && !no_log;
    switch (head.kind) {
        case FileHead::Kind::missing:
            if (has_pages_in_log) return "it is missing, although its write-ahead log is there";
            return std::nullopt;
        case FileHead::Kind::empty:
            if (has_pages_in_log) return "it is empty, although its write-ahead log is not";
            if (!has_files(folder / kEvents) && !has_files(folder / "staged")) return std::nullopt; // new
            return "it is empty, although angod has worked in this folder before";
        case FileHead::Kind::zeros: return "its beginning is overwritten with zeros";
        case FileHead::Kind::other: return "it is no SQLite database, or its beginning is overwritten";
        case FileHead::Kind::sqlite: break;
    }
    if (!has_log && head.bytes < head.expected_bytes)
        return fmt::format("it has {} bytes, but should have {}: its end is cut off", head.bytes, head.expected_bytes);
    return std::nullopt;
}

std::vector<std::string> access_problems(const fs::path &folder) {
    std::vector<std::string> problems;
    const auto add = [&](std::optional<std::string> problem) {
        if (problem) problems.push_back(std::move(*problem));
    };
    if (!is_there(folder)) {
        add(files::access_problem(files::existing_parent(folder), files::Need::write));
        return problems;
    }
    const std::string database = (folder / kDatabase).string();
    for (const fs::path &path :
         {folder, folder / kLock, folder / kEvents, fs::path(database), fs::path(database + "-wal"),
          fs::path(database + "-shm"), folder / "scratch", folder / "staged"}) {
        add(files::access_problem(path, files::Need::write));
        if (!problems.empty() && path == folder) break; // the same is true of all that is in it
    }
    return problems;
}

std::string damage_sentence(const fs::path &database, std::string_view how) {
    return fmt::format("the job store {} is damaged: {}. angod has changed nothing. Run \"angod store check\" with the "
                       "same --config, which shows what is lost, and then \"angod store salvage\", which makes a new "
                       "store of all that can be read and keeps the old one",
                       database.string(), how);
}

std::string newer_sentence(const fs::path &database) {
    return fmt::format("{} was written by a newer angod; install that version again or move the file away",
                       database.string());
}

Result<void> examine(const fs::path &folder) {
    const fs::path database = folder / kDatabase;
    if (const auto how = damaged_head(folder)) return error(Code::invalid, damage_sentence(database, *how));
    const FileHead head = head_of(database);
    if (head.kind == FileHead::Kind::missing || head.kind == FileHead::Kind::empty) return {};
    try {
        Database db(database.string(), Database::ReadOnly{});
        if (has_table(db, "") && !has_table(db, "jobs"))
            return error(Code::invalid,
                         fmt::format("{} is a SQLite database, but not the job store of angod; move it away, or name "
                                     "another state_dir",
                                     database.string()));
        if (!can_use(db, kSchemaVersion)) return error(Code::invalid, newer_sentence(database));
        if (head.bytes > kExamined) return {};
        Statement ask(db, "PRAGMA quick_check(1)");
        const std::string found = ask.step() ? ask.text(0) : "";
        if (found != "ok") return error(Code::invalid, damage_sentence(database, found));
    } catch (const SqliteError &e) {
        if (e.is_damage()) return error(Code::invalid, damage_sentence(database, e.reason));
        return error(Code::io, fmt::format("{}: {}", database.string(), e.what()));
    }
    return {};
}

Result<void> finish_salvage(const fs::path &folder) {
    const fs::path salvaged = folder / kSalvaged, database = folder / kDatabase;
    if (!is_there(salvaged)) return {};
    std::error_code failed;
    // The log belongs to the old database. SQLite would write it into the new one.
    for (const char *suffix : {"-wal", "-shm"}) {
        fs::remove(database.string() + suffix, failed);
        if (failed)
            return error(Code::io, fmt::format("cannot remove {}{}: {}", database.string(), suffix, failed.message()));
    }
    fs::remove(folder / kInUse, failed);
    if (!failed) fs::rename(salvaged, database, failed);
    if (failed)
        return error(Code::io,
                     fmt::format("cannot rename {} to {}: {}", salvaged.string(), database.string(), failed.message()));
    return {};
}

bool is_log_missing(const fs::path &folder) {
    const fs::path database = folder / kDatabase;
    return is_there(folder / kInUse) && is_there(database) && !is_there(database.string() + "-wal");
}

} // namespace angod::jobs
