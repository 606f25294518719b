#include "host/file_import.hpp"

#include "host/hub_access.hpp"

#include "base/json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace angod::host {

namespace {

constexpr std::uint32_t kPage = 1'000;

std::uint64_t name_of(const Listing::File &file) { return fingerprint(file.key, ""); }

std::uint64_t number_or_zero(const json::Value &object, std::string_view name) {
    const json::Value *value = json::find(object, name);
    return value && value->IsUint64() ? value->GetUint64() : 0;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

} // namespace

FileImport::FileImport(Job &job, rest::HubApi &hub, FilePages &pages, const ExplorerEvent &event, FileOptions options)
    : job_(job),
      pages_(pages),
      event_(event),
      options_(std::move(options)),
      import_(job, hub, {.total = event.files.size(), .position = [this] { return position(); }}) {
    page_.folder = event.folder;
    resume();
}

/// {"token", "first", "handled": [hex…], "other_type", "there_already"}
void FileImport::resume() {
    page_.done_before = import_.done();
    const auto kept = json::parse(import_.position());
    if (!kept) return;
    page_.token = json::text_or(*kept, "token", "");
    page_.first = number_or_zero(*kept, "first");
    counts_.other_type = counts_before_.other_type = number_or_zero(*kept, "other_type");
    counts_.there_already = counts_before_.there_already = number_or_zero(*kept, "there_already");
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
    return fmt::format(R"({{"token":{},"first":{},"handled":[{}],"other_type":{},"there_already":{}}})",
                       json::quote(page_.token), page_.first, fmt::join(handled, ","), counts_before_.other_type,
                       counts_before_.there_already);
}

void FileImport::next_page(std::string token, std::uint64_t first) {
    counts_before_ = counts_;
    page_ = {page_.folder, std::move(token), first, {}, {}, import_.done()};
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
        next_page("", end);
    }
    return std::nullopt;
}

std::optional<Failure> FileImport::import_folder() {
    for (;;) {
        auto listed = pages_.list(page_.folder, page_.token, kPage);
        if (auto *failed = std::get_if<Failure>(&listed)) return std::move(*failed);
        auto &listing = std::get<Listing>(listed);
        if (auto failed = import_page(listing.files)) return failed;
        if (!listing.next) return std::nullopt;
        next_page(std::move(*listing.next), 0);
    }
}

/// First what an earlier attempt may have sent, then the rest.
std::optional<Failure> FileImport::import_page(const std::vector<Listing::File> &files) {
    std::unordered_set<std::uint64_t> seen(page_.handled.begin(), page_.handled.end());
    std::vector<Listing::File> sent, rest;
    for (const Listing::File &file : files) {
        if (file.key.empty() || file.key.ends_with('/')) continue; // stands for a folder
        if (!options_.fits(file.key)) {
            ++counts_.other_type;
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
    return add(rest);
}

std::optional<Failure> FileImport::add(const std::vector<Listing::File> &files) {
    for (const Listing::File &file : files) {
        if (job_.cancel.cancelled()) return Failure{"cancelled", "", -1};
        NewAsset asset;
        asset.data = file.url;
        asset.external_id = file.key;
        asset.batches = event_.batches;
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
    if (counts_.there_already > 0)
        text += fmt::format(" {} in the project already.", counted(counts_.there_already, "file was", "files were"));
    return Outcome{json::quote(text)};
}

} // namespace angod::host
