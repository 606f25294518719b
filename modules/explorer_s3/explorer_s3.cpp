// Module "explorer-s3", kind File Explorer: the folders and files of a bucket at Amazon S3 or at a compatible store. A storage
// that it cannot read itself is listed by Hub: one without keys, with keys that may not list, or of another provider.
//
// The token of a page says who made it: "hub:…" is a place in a list of Hub, anything else is the store's own token. So a
// folder is listed to its end by the one that began.
#include "common/options.hpp"
#include "explorer_s3/hub_listing.hpp"
#include "explorer_s3/list_objects.hpp"
#include "explorer_s3/object_store.hpp"

#include <ango/module.hpp>

#include <memory>

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
                    (said.region.empty() ? "" : ", but in " + said.region) + ". Correct the region of the storage \"" +
                    store.name + "\" in Hub.");
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
        const auto place = read_hub_place(at.token);
        if (place || !store.readable())
            return list_through_hub(job, store, prefix, at.limit, place.value_or(HubPlace{}), page);
        list_bucket(job, at, store, prefix, page);
    }

    std::string url(Job &, const Folder &at, std::string_view key) override {
        if (settings_.endpoint.empty()) return {};
        return open_store(settings_, at.storage, at.bucket).object_url(key);
    }

private:
    static Job::Response ask(Job &job, const ObjectStore &store, const std::string &prefix, const Folder &at) {
        return job.request({.url = store.list_url(prefix, at.token, std::min(at.limit, kMostKeys)),
                            .limit = kMaxAnswer,
                            .s3_region = store.region,
                            .s3_key_id = store.key_id,
                            .s3_secret = store.secret});
    }

    void list_bucket(Job &job, const Folder &at, const ObjectStore &first, const std::string &prefix, Listing &page) {
        ObjectStore store = first;
        auto response = ask(job, store, prefix, at);
        if (const std::string region = other_region(store, response); !region.empty()) {
            store = open_store(settings_, at.storage, at.bucket, region);
            response = ask(job, store, prefix, at);
        }
        if (response.status == 0)
            throw Failure("The storage \"" + store.name + "\" could not be reached. Run the plugin again later.",
                          std::string(response.body), kLaterMs);
        if (response.status == 401 || response.status == 403) {
            const Failure refusal = refusal_of(store, response);
            if (read_refusal(response.body).code == "RequestTimeTooSkewed" || !at.token.empty()) throw refusal;
            return list_refused(job, at, store, prefix, refusal, page);
        }
        if (response.status != 200) throw refusal_of(store, response);
        show(store, response.body, prefix, page);
    }

    /// The region that the store names, if the keys are for Amazon and it is not the one that was asked.
    std::string other_region(const ObjectStore &store, const Job::Response &response) const {
        if (!settings_.endpoint.empty() || response.status < 300 || response.status >= 500) return {};
        const std::string region = read_refusal(response.body).region;
        return region == store.region ? std::string() : region;
    }

    static void show(const ObjectStore &store, std::string_view body, const std::string &prefix, Listing &page) {
        const auto found = read_page(body);
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

    /// Hub may be allowed to list what the keys may not.
    void list_refused(Job &job, const Folder &at, const ObjectStore &store, const std::string &prefix,
                      const Failure &refusal, Listing &page) {
        try {
            list_through_hub(job, store, prefix, at.limit, {}, page);
        } catch (const Failure &) {
            throw refusal; // it tells the user what to correct
        }
    }

    void list_through_hub(Job &job, const ObjectStore &store, const std::string &prefix, std::uint32_t limit,
                          const HubPlace &place, Listing &page) {
        const auto found = files_of_hub(job, store, prefix, place.token);
        std::size_t at = place.shown, left = limit;
        std::string last = place.folder;
        for (; at < found->size() && left > 0; ++at) {
            if (at >= found->folders.size()) {
                const HubFile &file = found->files[at - found->folders.size()];
                page.file(file.key, file.url);
            } else if (const std::string &folder = found->folders[at]; folder != place.folder) {
                page.folder(folder);
                last = folder;
            } else {
                continue; // the page before has shown it
            }
            --left;
        }
        if (at < found->size())
            page.next(HubPlace{place.token, at, place.folder}.text());
        else if (!found->next.empty())
            page.next(HubPlace{found->next, 0, last}.text());
    }

    std::shared_ptr<const HubFiles> files_of_hub(Job &job, const ObjectStore &store, const std::string &prefix,
                                                 const std::string &token) {
        const std::string path = hub_files_path(store.id, store.bucket, prefix, token);
        const std::string key = std::string(job.field("apiKey").value_or("")) + path;
        if (auto kept = last_.find(key)) return kept;
        const auto answer = job.hub("GET", path, {}, true);
        const std::string named = "the storage \"" + store.name + "\"";
        if (!answer.ok)
            throw Failure(store.speaks_s3
                              ? "Hub gives no keys for " + named + ", and does not list its files: " +
                                    std::string(answer.text) + " Enter its keys in Hub, or choose another storage."
                              : "Hub does not list the files of " + named + ", which is " +
                                    (store.provider.empty() ? "of an unknown kind" : "at " + store.provider) + ": " +
                                    std::string(answer.text));
        auto found = read_hub_files(answer.text, prefix);
        if (!found)
            throw Failure("Hub's list of the files of " + named +
                          " cannot be read. Choose another storage, or tell the operator of the plugin.");
        auto files = std::make_shared<const HubFiles>(std::move(*found));
        last_.keep(key, files);
        return files;
    }

    const StoreSettings settings_;
    LastHubFiles last_;
};

} // namespace ango::explorer_s3

ANGO_MODULE(
    ango::explorer_s3::Explorer,
    {.id = "explorer-s3",
     .version = "1.1",
     .name = "S3 Explorer",
     .summary =
         "Folders and files of a bucket at Amazon S3 or a compatible store, and of any storage that Hub can list",
     .concurrent = true})
