// A storage is looked for in Hub's list of all storages, page by page, to the page that has it. The list is read again if it changed so
// that the storage may have been missed (ListRound). The addresses of objects follow the rules of their providers. All of it on the
// job's thread.
#include "host/hub/storage.hpp"

#include "host/hub/list_round.hpp"

#include "base/percent.hpp"
#include "common/storage_hosts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace angod::host {

namespace {

constexpr unsigned kPage = 100, kMaxPages = 100;
constexpr int kMaxRounds = 3; // of a list that changes
constexpr int kMaxDepth = 4;  // levels of objects in a storage record that may hold keys

std::string upper(std::string_view text) {
    std::string out(text);
    for (char &c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return out;
}

/// Hub's published description calls the member "type" and uses other values.
std::string provider_of(const json::Value &record) {
    const std::string said = upper(json::text_or(record, "provider", json::text_or(record, "type", "")));
    if (said == "S3") return "AWS";
    if (said == "GCS") return "GCP";
    return said;
}

void collect_secrets(const json::Value &object, int depth, std::vector<std::string> &out) {
    if (depth > kMaxDepth) return;
    for (const auto &member : object.GetObject()) {
        if (member.value.IsObject()) collect_secrets(member.value, depth + 1, out);
        if (!member.value.IsString()) continue;
        const std::string name = upper(json::view(member.name));
        for (const char *word : {"KEY", "SECRET", "TOKEN", "PASSWORD", "CREDENTIAL", "SAS"})
            if (name.find(word) != name.npos) {
                out.emplace_back(json::view(member.value));
                break;
            }
    }
}

/// A part of a host name.
bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
               c == '_';
    });
}

} // namespace

Storage read_storage(const json::Value &record) {
    Storage out;
    out.id = json::text_or(record, "_id", "");
    out.provider = provider_of(record);
    out.region = json::text_or(record, "region", "");
    out.bucket = json::text_or(record, "bucket", "");
    out.account = json::text_or(record, "accountName", json::text_or(record, "account", ""));
    out.json = json::to_text(record);
    collect_secrets(record, 0, out.secrets);
    return out;
}

namespace {

struct StorageRound {
    std::optional<Storage> found;
    bool complete = false; ///< as many storages as Hub counts
};

/// Reads the list once, to the storage that is looked for. Hub may send shorter pages than it was asked for.
Result<StorageRound> read_storages(rest::HubApi &hub, std::string_view id) {
    StorageRound out;
    ListRound list;
    for (unsigned page = 1; page <= kMaxPages; ++page) {
        rest::Call call{"the storages", "GET", "/v2/storages"};
        call.query = {{"page", std::to_string(page)}, {"limit", std::to_string(kPage)}};
        const auto answer = hub.call(call);
        if (!answer) return answer.error();
        const json::Value *data = json::find(*answer, "data");
        const json::Value *storages = data ? json::find(*data, "storages") : nullptr;
        if (!storages || !storages->IsArray())
            return error(Code::protocol, "Hub's answer to the request for the storages holds no list of them.");
        for (const json::Value &storage : storages->GetArray()) {
            const std::string own = storage.IsObject() ? json::text_or(storage, "_id", "") : "";
            if (own == id && !own.empty()) {
                out.found = read_storage(storage);
                return out;
            }
            list.entry(own);
        }
        const json::Value *total = json::find(*data, "total");
        const bool counted = total && total->IsUint64();
        const bool at_end = list.page_ends(counted ? std::optional(total->GetUint64()) : std::nullopt);
        out.complete = list.complete();
        if (at_end) return out;
    }
    return error(
        Code::limit,
        fmt::format("Hub lists more than {} pages of storages, and the storage {} is on none of them.", kMaxPages, id));
}

} // namespace

Result<Storage> find_storage(rest::HubApi &hub, std::string_view id) {
    for (int round = 0; round < kMaxRounds; ++round) {
        auto read = read_storages(hub, id);
        if (!read) return read.error();
        if (read->found) return std::move(*read->found);
        if (read->complete)
            return error(
                Code::not_found,
                fmt::format("there is no storage with the id {} in Hub, or the user who ran the plugin may not see "
                            "it. Choose another storage and run the plugin again.",
                            id));
    }
    return error(Code::remote,
                 fmt::format("Hub's list of the storages names fewer storages than it counts, and not the one with "
                             "the id {}. Run the plugin again.",
                             id));
}

Result<std::string> object_url(const Storage &storage, std::string_view bucket, std::string_view key) {
    if (bucket.empty()) bucket = storage.bucket;
    const bool azure = storage.provider == "AZURE";
    if (!is_name(bucket))
        return error(Code::invalid, bucket.empty()
                                        ? "no bucket is named, neither by the event nor by the storage. "
                                          "Choose a bucket and run the plugin again."
                                        : "the name of the bucket holds characters that no bucket may have.");
    if (storage.provider == "AWS") {
        if (!storage.region.empty() && !is_name(storage.region))
            return error(Code::invalid, "the region of the storage is not a valid one. Correct it in Hub.");
        return fmt::format("https://{}.{}/{}", bucket, ango::common::s3_host(storage.region), percent_encode_path(key));
    }
    if (storage.provider == "GCP")
        return fmt::format("https://storage.googleapis.com/{}/{}", bucket, percent_encode_path(key));
    if (azure && is_name(storage.account))
        return fmt::format("https://{}.blob.core.windows.net/{}/{}", storage.account, bucket, percent_encode_path(key));
    return error(
        Code::invalid,
        fmt::format("the address of a file in a storage of the kind {} is not known: the module of this plugin "
                    "has to give it. Tell the operator of the plugin.",
                    storage.provider.empty() ? "\"unknown\"" : storage.provider));
}

} // namespace angod::host
