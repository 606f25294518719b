// The import goes through the pages of a folder, depth first: the files of a page, then the folders of this page, then
// the next page. levels_ is the stack of open folders. position() writes it into the checkpoint, with hashes of the
// files of the current page that are done; resume() reads it. On each page the files that an earlier attempt may have
// sent come first, as AssetImport requires. All of it on the job's thread.
#include "host/explorer/file_import.hpp"

#include "host/hub/hub_access.hpp"

#include "base/json.hpp"
#include "common/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace angod::host {

namespace {

constexpr std::uint32_t kPage = 1'000;
constexpr std::size_t kMaxLevels = 32;

std::uint64_t name_of(const Listing::File &file) { return fingerprint(file.key, ""); }

/// The path of the folder of a file, without the slash at its end.
std::string_view folder_of(std::string_view key) {
    const std::size_t slash = key.rfind('/');
    return slash == key.npos ? std::string_view() : key.substr(0, slash);
}

/// Whether a folder or the file is called "." or "..". Browsers and HTTP clients resolve such parts of an address (RFC 3986,
/// 5.2.4), also percent-encoded ones, so that it leads to another file.
bool has_dots(std::string_view key) {
    for (std::size_t from = 0; from <= key.size();) {
        const std::size_t end = std::min(key.find('/', from), key.size());
        const std::string_view part = key.substr(from, end - from);
        if (part == "." || part == "..") return true;
        from = end + 1;
    }
    return false;
}

std::uint64_t number_or_zero(const json::Value &object, std::string_view name) {
    const json::Value *value = json::find(object, name);
    return value && value->IsUint64() ? value->GetUint64() : 0;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

} // namespace

FileImport::FileImport(Job &job, rest::HubApi &hub, FilePages &pages, const ExplorerEvent &event, FileOptions options,
                       std::vector<std::chrono::milliseconds> patience)
    : job_(job),
      hub_(hub),
      known_names_(hub, job.project()),
      project_batches_(hub, job.project()),
      pages_(pages),
      event_(event),
      options_(std::move(options)),
      import_(
          job, hub,
          {.total = event.files.size(), .position = [this] { return position(); }, .patience = std::move(patience)}) {
    resume();
    if (levels_.empty()) levels_.push_back({event.folder, "", "", {}, {}});
}

/// {"levels": [{"folder", "token", "child"}], "first", "handled": [hex…], "other_type", "there_already", "no_address"}
void FileImport::resume() {
    page_.done_before = import_.done();
    const auto kept = json::parse(import_.position());
    if (!kept) return;
    if (const json::Value *levels = json::find(*kept, "levels"); levels && levels->IsArray())
        for (const json::Value &level : levels->GetArray())
            levels_.push_back({json::text_or(level, "folder", ""),
                               json::text_or(level, "token", ""),
                               json::text_or(level, "child", ""),
                               {},
                               {}});
    page_.first = number_or_zero(*kept, "first");
    counts_.other_type = counts_before_.other_type = number_or_zero(*kept, "other_type");
    counts_.there_already = counts_before_.there_already = number_or_zero(*kept, "there_already");
    counts_.no_address = counts_before_.no_address = number_or_zero(*kept, "no_address");
    const json::Value *handled = json::find(*kept, "handled");
    if (!handled || !handled->IsArray()) return;
    for (const json::Value &one : handled->GetArray()) {
        const std::string_view text = one.IsString() ? json::view(one) : std::string_view();
        std::uint64_t name = 0;
        std::from_chars(text.data(), text.data() + text.size(), name, 16);
        page_.handled.push_back(name);
    }
}

std::string FileImport::position() const {
    std::vector<std::string> handled;
    for (const std::uint64_t name : page_.handled) handled.push_back(fmt::format("\"{:x}\"", name));
    for (std::uint64_t i = 0; i < import_.done() - page_.done_before; ++i)
        handled.push_back(fmt::format("\"{:x}\"", page_.added[i]));
    std::vector<std::string> levels;
    for (const Level &level : levels_)
        levels.push_back(fmt::format(R"({{"folder":{},"token":{},"child":{}}})", json::quote(level.folder),
                                     json::quote(level.token), json::quote(level.child)));
    return fmt::format(
        R"({{"levels":[{}],"first":{},"handled":[{}],"other_type":{},"there_already":{},"no_address":{}}})",
        fmt::join(levels, ","), page_.first, fmt::join(handled, ","), counts_before_.other_type,
        counts_before_.there_already, counts_before_.no_address);
}

void FileImport::next_page(std::uint64_t first) {
    counts_before_ = counts_;
    page_ = {first, {}, {}, import_.done()};
}

RunResult FileImport::run() {
    if (auto failed = event_.files.empty() ? import_folder() : import_named()) return std::move(*failed);
    return message();
}

std::optional<Failure> FileImport::import_named() {
    while (page_.first < event_.files.size()) {
        const std::uint64_t end = std::min<std::uint64_t>(event_.files.size(), page_.first + kPage);
        std::vector<Listing::File> files;
        for (std::uint64_t i = page_.first; i < end; ++i) files.push_back({event_.files[i], ""});
        if (auto failed = import_page(files)) return failed;
        next_page(end);
    }
    return std::nullopt;
}

std::optional<Failure> FileImport::import_folder() {
    while (!levels_.empty()) {
        Level &level = levels_.back();
        if (!level.page) {
            auto listed = pages_.list(level.folder, level.token, kPage);
            if (auto *failed = std::get_if<Failure>(&listed)) return std::move(*failed);
            level.page = std::move(std::get<Listing>(listed));
            if (auto failed = check_repetition(level)) return failed;
        }
        if (level.child.empty())
            if (auto failed = import_page(level.page->files)) return failed;
        if (auto failed = go_on(level)) return failed;
    }
    return std::nullopt;
}

/// A list whose pages come again has no end. Pages are told by their tokens and by their first entries.
std::optional<Failure> FileImport::check_repetition(Level &level) {
    const Listing &page = *level.page;
    const std::string *first = !page.files.empty()     ? &page.files.front().key
                               : !page.folders.empty() ? &page.folders.front()
                                                       : nullptr;
    const bool again = (page.next && !level.seen.insert(fingerprint(*page.next, "token")).second) ||
                       (first && !level.seen.insert(fingerprint(*first, "entry")).second);
    if (!again) return std::nullopt;
    return Failure{
        fmt::format("The plugin's list of the folder \"{}\" has no end: its pages come again. Tell its operator.",
                    level.folder),
        "list gave a token or a first entry for a second time", -1};
}

/// Moves to the next folder below, else to the next page, else up. The level may be destroyed afterwards.
std::optional<Failure> FileImport::go_on(Level &level) {
    next_page();
    if (options_.subfolders) {
        const auto &folders = level.page->folders;
        auto child = folders.begin();
        if (!level.child.empty()) {
            child = std::find(folders.begin(), folders.end(), level.child);
            if (child != folders.end())
                ++child;
            else
                child =
                    std::find_if(folders.begin(), folders.end(), [&](const auto &name) { return name > level.child; });
        }
        if (child != folders.end()) {
            if (levels_.size() == kMaxLevels)
                return Failure{fmt::format("The folder \"{}\" is more than {} levels deep, which is more than can be "
                                           "imported at once. Import the folders in it one by one.",
                                           level.folder, kMaxLevels),
                               "", -1};
            level.child = *child;
            levels_.push_back({*child, "", "", {}, {}});
            return std::nullopt;
        }
    }
    if (level.page->next) {
        std::string token = std::move(*level.page->next);
        level = {std::move(level.folder), std::move(token), "", {}, std::move(level.seen)};
    } else {
        levels_.pop_back();
    }
    return std::nullopt;
}

/// Imports first the files that an earlier attempt may have sent, then the rest.
std::optional<Failure> FileImport::import_page(const std::vector<Listing::File> &files) {
    std::unordered_set<std::uint64_t> seen(page_.handled.begin(), page_.handled.end());
    std::vector<Listing::File> sent, rest;
    for (const Listing::File &file : files) {
        if (file.key.empty() || file.key.ends_with('/')) continue; // a key that represents a folder
        if (!options_.fits(file.key)) {
            ++counts_.other_type;
            continue;
        }
        if (has_dots(file.key)) {
            if (counts_.no_address++ == 0)
                job_.log(LogLevel::warning,
                         fmt::format("left out the file {}: a part of its name is \".\" or \"..\", so an "
                                     "address with this name leads to another file. Rename it.",
                                     ango::common::quote(file.key)));
            continue;
        }
        if (!seen.insert(name_of(file)).second) continue;
        auto address = pages_.address(file);
        if (auto *failed = std::get_if<Failure>(&address)) return std::move(*failed);
        Listing::File found{file.key, std::move(std::get<std::string>(address))};
        NewAsset asset;
        asset.external_id = found.key;
        asset.data = found.url;
        (import_.was_sent(asset) ? sent : rest).push_back(std::move(found));
    }
    if (auto failed = add(sent)) return failed;
    if (options_.only_new)
        if (auto failed = leave_out_known(rest)) return failed;
    return add(rest);
}

std::optional<Failure> FileImport::leave_out_known(std::vector<Listing::File> &files) {
    std::vector<Listing::File> unknown;
    std::vector<std::string_view> names;
    for (const Listing::File &file : files) names.push_back(file.key);
    const auto known = known_names_.among(names);
    if (!known) return failure_of(known.error());
    std::copy_if(files.begin(), files.end(), std::back_inserter(unknown),
                 [&](const auto &file) { return !known->contains(file.key); });
    counts_.there_already += files.size() - unknown.size();
    files = std::move(unknown);
    return std::nullopt;
}

/// Finds the ids of the event's batches, and creates the batches of the files' folders.
std::optional<Failure> FileImport::make_batches(const std::vector<Listing::File> &files) {
    if (!batches_) {
        auto ids = project_batches_.ids_of(event_.batches);
        if (!ids) return failure_of(ids.error());
        batches_ = std::move(*ids);
    }
    if (!options_.folders_as_batches) return std::nullopt;
    std::set<std::string> folders;
    for (const Listing::File &file : files)
        if (const auto folder = folder_of(file.key); !folder.empty()) folders.emplace(folder);
    if (project_batches_.created() + folders.size() > kMaxNewBatches)
        return Failure{
            fmt::format("The files are in more than {} folders, which is more than batches can be made at once. "
                        "Import less at a time, or without the option assign_folder_names_as_batch_name.",
                        kMaxNewBatches),
            "", -1};
    if (const auto made = project_batches_.ensure(folders); !made) return failure_of(made.error());
    for (const std::string &warning : project_batches_.take_warnings()) job_.log(LogLevel::warning, warning);
    return std::nullopt;
}

std::optional<Failure> FileImport::add(const std::vector<Listing::File> &files) {
    if (auto failed = make_batches(files)) return failed;
    for (const Listing::File &file : files) {
        if (job_.cancel.cancelled()) return Failure{"cancelled", "", -1};
        NewAsset asset;
        asset.data = file.url;
        asset.external_id = file.key;
        asset.batches = *batches_;
        if (const auto folder = folder_of(file.key); options_.folders_as_batches && !folder.empty())
            asset.batches.emplace_back(project_batches_.id(folder));
        asset.storage = event_.storage;
        page_.added.push_back(name_of(file));
        if (const auto added = import_.add(std::move(asset)); !added) return failure_of(added.error());
    }
    if (const auto sent = import_.finish(); !sent) return failure_of(sent.error());
    return std::nullopt;
}

Outcome FileImport::message() const {
    std::string text;
    if (import_.done() > 0)
        text = fmt::format("Imported {} into the project.", counted(import_.done(), "file", "files"));
    else if (event_.files.empty())
        text = fmt::format("There is nothing to import in the folder \"{}\".", event_.folder);
    else
        text = "There is nothing to import.";
    if (counts_.other_type > 0)
        text += fmt::format(" {} left out because of {} type.", counted(counts_.other_type, "file was", "files were"),
                            counts_.other_type == 1 ? "its" : "their");
    if (counts_.no_address > 0)
        text += fmt::format(" {} left out because a part of {} is \".\" or \"..\".",
                            counted(counts_.no_address, "file was", "files were"),
                            counts_.no_address == 1 ? "its name" : "their names");
    if (counts_.there_already > 0)
        text += fmt::format(" {} in the project already.", counted(counts_.there_already, "file was", "files were"));
    return Outcome{json::quote(text)};
}

} // namespace angod::host
