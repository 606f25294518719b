#include "host/explorer/file_pages.hpp"

#include "host/hub/hub_access.hpp"
#include "host/module/call_module.hpp"
#include "host/module/module_failure.hpp"

#include <fmt/format.h>

namespace angod::host {

namespace {

ango_str str(std::string_view text) { return {text.data(), text.size()}; }

} // namespace

FilePages::FilePages(ango_job &job, const ango_file_explorer_v1 &table, ango_instance *instance,
                     const ExplorerEvent &event, const Storage *storage)
    : job_(job), table_(table), instance_(instance), event_(event), storage_(storage) {}

ango_folder FilePages::folder_of(const std::string &folder, const std::string &token, std::uint32_t limit) const {
    return {sizeof(ango_folder), limit,      str(event_.bucket),
            str(folder),         str(token), str(storage_ ? std::string_view(storage_->json) : "null")};
}

std::variant<Listing, Failure> FilePages::list(const std::string &folder, const std::string &token,
                                               std::uint32_t limit) {
    Listing listing;
    listing.limit = limit;
    ango_listing page{listing};
    const ango_folder wanted = folder_of(folder, token, limit);
    const std::int32_t status =
        call_module(job_, "list", [&] { return table_.list(instance_, &job_, &wanted, &page); });
    job_.job.cancel.on_cancel(nullptr);
    if (job_.job.cancel.cancelled()) return Failure{"cancelled", "", -1};
    if (listing.overflow)
        return Failure{"The plugin lists more entries than fit on a page. Tell its operator.",
                       fmt::format("list gave more than the {} requested entries", limit), -1};
    if (status != ANGO_OK) return module_failure(status, job_);
    if (listing.next && *listing.next == token)
        return Failure{"The plugin's list of this folder has no end. Tell its operator.",
                       "list named the requested page as the next page", -1};
    return listing;
}

std::variant<std::string, Failure> FilePages::address(const Listing::File &file) {
    if (!file.url.empty()) return file.url;
    if (table_.locate) {
        Listing listing;
        ango_listing page{listing};
        const ango_folder where = folder_of(event_.folder, "", 1);
        const ango_str key = str(file.key);
        const std::int32_t status =
            call_module(job_, "locate", [&] { return table_.locate(instance_, &job_, &where, &key, &page); });
        job_.job.cancel.on_cancel(nullptr);
        if (job_.job.cancel.cancelled()) return Failure{"cancelled", "", -1};
        if (status != ANGO_OK) return module_failure(status, job_);
        if (!listing.files.empty() && !listing.files.front().url.empty()) return listing.files.front().url;
    }
    if (!storage_)
        return Failure{fmt::format("The plugin does not give the address of the file \"{}\", and the event from Hub "
                                   "names no storage. Choose a storage and run the plugin again.",
                                   file.key),
                       "", -1};
    auto url = object_url(*storage_, event_.bucket, file.key);
    if (!url) return failure_of(url.error());
    return std::move(*url);
}

} // namespace angod::host
