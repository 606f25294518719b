// Module "explorer-s3", kind File Explorer: the folders and files of a bucket at Amazon S3 or at a compatible store.
#include "common/options.hpp"
#include "explorer_s3/list_objects.hpp"
#include "explorer_s3/object_store.hpp"

#include <ango/module.hpp>

namespace ango::explorer_s3 {

namespace {

constexpr std::uint64_t kMaxAnswer = 16u << 20;
constexpr std::int64_t kLaterMs = 30'000;
constexpr std::uint32_t kMostKeys = 1'000; // S3 gives no more on one page

StoreSettings read_settings(std::string_view settings) {
    common::Options options(settings, "{}");
    StoreSettings out{options.text("endpoint", ""), options.flag("path_style", false)};
    if (!out.endpoint.empty() && !out.endpoint.starts_with("https://") && !out.endpoint.starts_with("http://"))
        throw Failure("\"endpoint\" must begin with https://");
    for (const std::string &unknown : options.unknown_names()) throw Failure(unknown);
    return out;
}

/// The refusal as a sentence that tells the user what to do.
Failure refusal_of(const ObjectStore &store, const Job::Response &response) {
    const Refusal said = read_refusal(response.body);
    const std::string details = "HTTP " + std::to_string(response.status) + ", " + said.code + ": " + said.message;
    const auto fail = [&](const std::string &sentence, std::int64_t retry_ms = -1) {
        return Failure(sentence, details, retry_ms);
    };
    if (said.code == "NoSuchBucket")
        return fail("There is no bucket \"" + store.bucket + "\". Check the bucket and the storage \"" + store.name +
                    "\".");
    if (said.code == "PermanentRedirect" || said.code == "AuthorizationHeaderMalformed")
        return fail("The bucket \"" + store.bucket + "\" is not in the region " + store.region +
                    ". Correct the region of the storage \"" + store.name + "\" in Hub.");
    if (said.code == "RequestTimeTooSkewed")
        return fail("The clock of the machine that runs the plugin differs too much from that of the storage \"" +
                    store.name + "\". Tell the operator of the plugin to set it.");
    if (said.code == "InvalidArgument" && said.message.find("oken") != std::string::npos)
        return fail("The storage no longer knows this page of the folder. Open the folder again.");
    if (response.status == 401 || response.status == 403)
        return fail("The storage refuses the keys of \"" + store.name + "\"" +
                    (said.code.empty() ? "" : " (" + said.code + ")") +
                    ". Check in Hub that they are right and may list the bucket \"" + store.bucket + "\".");
    if (response.status == 429 || response.status >= 500)
        return fail("The storage \"" + store.name + "\" does not work at the moment. Run the plugin again later.",
                    kLaterMs);
    return fail("The storage refused to list the bucket \"" + store.bucket + "\" (" +
                (said.code.empty() ? "HTTP " + std::to_string(response.status) : said.code) + ").");
}

} // namespace

class Explorer : public FileExplorer {
public:
    explicit Explorer(std::string_view settings) : settings_(read_settings(settings)) {}

    void list(Job &job, const Folder &at, Listing &page) override {
        const ObjectStore store = open_store(settings_, at.storage, at.bucket);
        std::string prefix(at.folder);
        if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
        const std::string url = store.list_url(prefix, at.token, std::min(at.limit, kMostKeys));
        const auto response = job.request({.url = url,
                                           .limit = kMaxAnswer,
                                           .s3_region = store.region,
                                           .s3_key_id = store.key_id,
                                           .s3_secret = store.secret});
        if (response.status == 0)
            throw Failure("The storage \"" + store.name + "\" could not be reached. Run the plugin again later.",
                          std::string(response.body), kLaterMs);
        if (response.status != 200) throw refusal_of(store, response);
        const auto found = read_page(response.body);
        if (!found)
            throw Failure("The storage \"" + store.name +
                          "\" does not answer like S3. Tell the operator of the plugin.");
        if (found->truncated && found->next.empty())
            throw Failure(
                "The storage \"" + store.name +
                "\" says that there are more files, but not how to get them, so the list would be incomplete. "
                "Tell the operator of the plugin.");
        for (const std::string &folder : found->prefixes) page.folder(folder);
        for (const std::string &key : found->keys)
            if (key != prefix) page.file(key); // this key is the folder itself
        if (!found->next.empty()) page.next(found->next);
    }

    std::string url(Job &, const Folder &at, std::string_view key) override {
        if (settings_.endpoint.empty()) return {};
        return open_store(settings_, at.storage, at.bucket).object_url(key);
    }

private:
    const StoreSettings settings_;
};

} // namespace ango::explorer_s3

ANGO_MODULE(ango::explorer_s3::Explorer,
            {.id = "explorer-s3",
             .version = "1.0",
             .name = "S3 Explorer",
             .summary = "Folders and files of a bucket at Amazon S3 or a store that is compatible with it",
             .concurrent = true})
