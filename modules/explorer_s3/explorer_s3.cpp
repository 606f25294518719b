// Module "explorer-s3", kind File Explorer: the folders and files of a bucket at Amazon S3 or at a compatible store. A storage
// that it cannot read itself is listed by Hub: one without keys, with keys that may not list, or of another provider.
//
// The token of a page says who made it: "hub:…" is a place in a list of Hub, anything else is the store's own token. So a
// folder is listed to its end by the one that began.
#include "common/options.hpp"
#include "common/storage_hosts.hpp"
#include "explorer_s3/hub_listing.hpp"
#include "explorer_s3/list_objects.hpp"
#include "explorer_s3/object_store.hpp"

#include <ango/module.hpp>

#include <algorithm>
#include <memory>
#include <optional>

namespace ango::explorer_s3 {

namespace {

constexpr std::uint64_t kMaxAnswer = 16u << 20;
constexpr std::int64_t kLaterMs = 30'000;
constexpr std::uint32_t kMostKeys = 1'000;                  // S3 gives no more on one page
constexpr int kMostMoves = 2;                               // to another region or address
constexpr std::string_view kCircle = "redirects too often"; // in the host's sentence; another run does not help

StoreSettings read_settings(std::string_view settings) {
    common::Options options(settings, "{}");
    StoreSettings out{options.text("endpoint", ""), options.flag("path_style", false)};
    if (!out.endpoint.empty() && !out.endpoint.starts_with("https://") && !out.endpoint.starts_with("http://"))
        throw Failure("\"endpoint\" must begin with https://");
    for (const std::string &unknown : options.unknown_names()) throw Failure(unknown);
    return out;
}

/// The host of HOST or HOST:PORT; empty of any other text.
std::string_view host_of(std::string_view authority) {
    const std::size_t end = authority.rfind(']'); // of an IPv6 address
    const std::size_t colon = authority.find(':', end == authority.npos ? 0 : end);
    if (colon == authority.npos) return authority;
    const std::string_view port = authority.substr(colon + 1);
    return port.empty() || port.find_first_not_of("0123456789") != port.npos ? std::string_view()
                                                                             : authority.substr(0, colon);
}

/// A name that a store sent, fit for a sentence.
std::string shown(std::string_view name) {
    constexpr std::size_t kLongest = 100;
    std::string out(name.substr(0, kLongest));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c <= ' ' || c >= 0x7f; }, '?');
    return out;
}

/// The refusal as a sentence that tells the user what to do. asked_region: the one that the storage has in Hub.
Failure refusal_of(const ObjectStore &store, const Job::Response &response, const std::string &asked_region) {
    const Refusal said = read_refusal(response.body);
    std::string details = "HTTP " + std::to_string(response.status);
    const std::string plain = said.words.empty() ? details : details + ": " + said.words; // of an answer without XML
    details = said.code.empty() && said.message.empty() ? plain : details + ", " + said.code + ": " + said.message;
    const auto fail = [&](const std::string &sentence, std::int64_t retry_ms = -1) {
        return Failure(sentence, details, retry_ms);
    };
    if (said.code == "NoSuchBucket")
        return fail("There is no bucket \"" + store.bucket + "\". Check the bucket and the storage \"" + store.name +
                    "\".");
    const bool redirected = (response.status >= 300 && response.status < 400) || said.code == "PermanentRedirect";
    if (redirected && !said.endpoint.empty() && !common::of_same_store(store.host(), host_of(said.endpoint)))
        return fail(
            "The storage \"" + store.name + "\" redirects the bucket \"" + store.bucket + "\" to " +
            shown(said.endpoint) + (said.region.empty() ? "" : " in the region " + shown(said.region)) +
            ", which is not a host of the same storage, so its keys are not sent there. Correct the region of the "
            "storage in Hub, or the endpoint in the settings of the plugin.");
    if (redirected && (said.region.empty() || said.region == asked_region))
        return fail(
            "The storage \"" + store.name + "\" redirects the bucket \"" + store.bucket + "\"" +
            (said.endpoint.empty() ? "" : " to " + shown(said.endpoint)) +
            " and does not say in which region it is. Correct the region of the storage in Hub, or the endpoint in "
            "the settings of the plugin.");
    const bool elsewhere = response.status == 400 && !said.region.empty() && said.region != asked_region;
    if (redirected || elsewhere || said.code == "AuthorizationHeaderMalformed")
        return fail("The bucket \"" + store.bucket + "\" is not in the region " + asked_region +
                    (said.region.empty() ? "" : ", but in " + shown(said.region)) +
                    ". Correct the region of the storage \"" + store.name + "\" in Hub.");
    if (said.code == "RequestTimeTooSkewed")
        return fail("The clock of the machine that runs the plugin differs too much from that of the storage \"" +
                    store.name + "\". Tell the operator of the plugin to set it.");
    if (said.code == "InvalidArgument" && said.message.find("oken") != std::string::npos)
        return fail("The storage no longer knows this page of the folder. Open the folder again.");
    if (response.status == 401 || response.status == 403)
        return fail("The storage refuses the keys of \"" + store.name + "\"" +
                    (!said.code.empty()   ? " (" + said.code + ")"
                     : said.words.empty() ? ""
                                          : " (" + plain + ")") +
                    ". Check in Hub that they are right and may list the bucket \"" + store.bucket + "\".");
    if (response.status == 429 || response.status >= 500)
        return fail("The storage \"" + store.name + "\" does not work at the moment. Run the plugin again later.",
                    kLaterMs);
    return fail("The storage refused to list the bucket \"" + store.bucket + "\" (" +
                (said.code.empty() ? plain : said.code) + ").");
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
        for (int move = 0; move < kMostMoves; ++move) {
            auto other = moved(at, store, response);
            if (!other) break;
            store = std::move(*other);
            response = ask(job, store, prefix, at);
        }
        if (response.status == 0 && response.body.find(kCircle) != response.body.npos)
            throw Failure(
                "The storage \"" + store.name +
                    "\" redirects too often: it sends each request to another address and never answers. Correct "
                    "the region of the storage in Hub, or the endpoint in the settings of the plugin.",
                std::string(response.body));
        if (response.status == 0)
            throw Failure("The storage \"" + store.name + "\" could not be reached. Run the plugin again later.",
                          std::string(response.body), kLaterMs);
        if (response.status == 401 || response.status == 403) {
            const Failure refusal = refusal_of(store, response, first.region);
            if (read_refusal(response.body).code == "RequestTimeTooSkewed" || !at.token.empty()) throw refusal;
            return list_refused(job, at, store, prefix, refusal, page);
        }
        if (response.status != 200) throw refusal_of(store, response, first.region);
        show(store, response.body, prefix, at.token, page);
    }

    /// Where the store says that the bucket is, if its keys may be used there and it was not asked there. Nothing: nowhere else.
    std::optional<ObjectStore> moved(const Folder &at, const ObjectStore &store, const Job::Response &response) const {
        if (response.status < 300 || response.status >= 500) return std::nullopt;
        const Refusal said = read_refusal(response.body);
        const std::string region = said.region.empty() ? store.region : said.region;
        if (!is_name(region)) return std::nullopt;
        if (settings_.endpoint.empty() || said.endpoint.empty()) {
            if (region == store.region) return std::nullopt;
            return open_store(settings_, at.storage, at.bucket, region);
        }
        if (!common::of_same_store(store.host(), host_of(said.endpoint))) return std::nullopt;
        const StoreSettings there = settings_.at(said.endpoint, store.bucket);
        ObjectStore other = open_store(there, at.storage, at.bucket, region);
        if (other.base == store.base && region == store.region) return std::nullopt;
        return other;
    }

    static void show(const ObjectStore &store, std::string_view body, const std::string &prefix, std::string_view token,
                     Listing &page) {
        const auto found = read_page(body);
        if (!found)
            throw Failure("The storage \"" + store.name +
                          "\" does not answer like S3. Tell the operator of the plugin.");
        if (found->truncated && found->next.empty())
            throw Failure(
                "The storage \"" + store.name +
                "\" says that there are more files, but not how to get them, so the list would be incomplete. "
                "Tell the operator of the plugin.");
        if (found->missing > 0)
            throw Failure("The storage \"" + store.name + "\" counts " + std::to_string(found->missing) +
                          (found->missing == 1 ? " entry" : " entries") +
                          " more than it names, so the list would be incomplete. Tell the operator of the plugin.");
        if (!found->next.empty() && found->next == token)
            throw Failure("The storage \"" + store.name +
                          "\" names the same page again as the next one, so its list has no end. Tell the operator of "
                          "the plugin.");
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
        if (!found->problem.empty() || (!found->next.empty() && found->next == place.token))
            throw Failure("Hub's list of the files of the storage \"" + store.name + "\" " +
                          (found->problem.empty() ? "names the same page again as the next one" : found->problem) +
                          ", so it would be incomplete. Choose another storage, or tell the operator of the plugin.");
        const auto begin = found->behind(place);
        if (!begin)
            throw Failure("The files of the storage \"" + store.name +
                          "\" changed while they were listed. Open the folder again, or run the plugin again.");
        std::size_t at = *begin, left = limit;
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
            page.next(HubPlace{place.token, at, place.folder, at > 0 ? found->name(at - 1) : std::string()}.text());
        else if (!found->next.empty())
            page.next(HubPlace{found->next, 0, last, {}}.text());
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
