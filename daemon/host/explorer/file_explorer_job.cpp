#include "host/explorer/file_explorer_job.hpp"

#include "host/explorer/explorer_event.hpp"
#include "host/explorer/file_filter.hpp"
#include "host/explorer/file_import.hpp"
#include "host/explorer/file_pages.hpp"
#include "host/hub/hub_access.hpp"
#include "host/hub/storage.hpp"
#include "host/module/handles.hpp"

#include "base/json.hpp"
#include "base/redact.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace angod::host {

namespace {

constexpr std::uint32_t kBrowsePage = 50;

std::string quoted_list(const std::vector<std::string> &texts) {
    std::vector<std::string> out;
    for (const std::string &text : texts) out.push_back(json::quote(text));
    return fmt::format("[{}]", fmt::join(out, ","));
}

RunResult browse(FilePages &pages, const ExplorerEvent &event) {
    auto listed = pages.list(event.folder, event.token, kBrowsePage);
    if (auto *failed = std::get_if<Failure>(&listed)) return std::move(*failed);
    const auto &listing = std::get<Listing>(listed);
    std::vector<std::string> keys;
    for (const Listing::File &file : listing.files) keys.push_back(file.key);
    return Outcome{fmt::format(R"({{"folders":{},"files":{},"scrollToken":{},"success":true}})",
                               quoted_list(listing.folders), quoted_list(keys),
                               listing.next ? json::quote(*listing.next) : "null")};
}

RunResult import(Job &job, rest::HubApi &hub, FilePages &pages, const ExplorerEvent &event) {
    if (job.project().empty())
        return Failure{"The event from Hub names no project in \"projectId\", so there is nothing to import into.", "",
                       -1};
    auto options = read_file_options(job.config);
    if (!options) return failure_of(options.error());
    return FileImport(job, hub, pages, event, std::move(*options)).run();
}

RunResult explore(Job &job, HubAccess &access, const ango_file_explorer_v1 &table, ango_instance *instance,
                  const ExplorerEvent &event, const Storage *storage) {
    ango_job handle(job);
    FilePages pages(handle, table, instance, event, storage);
    return event.upload ? import(job, access.hub, pages, event) : browse(pages, event);
}

} // namespace

RunResult run_file_explorer(Job &job, const ango_file_explorer_v1 &table, ango_instance *instance) {
    const auto event = read_explorer_event(job);
    if (!event) return failure_of(event.error());
    HubAccess access(job);
    if (event->storage.empty()) return explore(job, access, table, instance, *event, nullptr);
    const auto storage = find_storage(access.hub, event->storage);
    if (!storage) return failure_of(storage.error());
    // The module gets the keys of the storage, so its log lines and failures are redacted.
    const auto log = std::move(job.log);
    job.log = [&](LogLevel level, std::string_view text) { log(level, redact(text, storage->secrets)); };
    RunResult result = explore(job, access, table, instance, *event, &*storage);
    job.log = log;
    if (auto *failed = std::get_if<Failure>(&result)) {
        failed->user_text = redact(failed->user_text, storage->secrets);
        failed->operator_text = redact(failed->operator_text, storage->secrets);
    }
    return result;
}

} // namespace angod::host
