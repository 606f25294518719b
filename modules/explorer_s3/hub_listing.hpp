// The files of a storage as Hub lists them: for storages whose keys nobody may have, and for providers other than S3. Pure.
//
// No public source describes the answer of GET /v2/storages/ID/files. So each usual form of it is understood: all keys below
// a folder or one level of it, entries as texts or as objects, with or without a token for the next page.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ango::explorer_s3 {

struct HubFile {
    std::string key;
    std::string url; ///< without its query; empty: Hub names none
};

struct HubPlace;

/// An answer of Hub: what lies directly in a folder.
struct HubFiles {
    std::vector<std::string> folders; ///< with the slash at their end; each once, in the order of the answer
    std::vector<HubFile> files;       ///< each key once
    std::string next;                 ///< Hub's token for more; empty: this is all
    std::string problem; ///< why this is not all, although no token says how to get the rest; continues "the list"
    std::size_t size() const { return folders.size() + files.size(); }
    const std::string &name(std::size_t at) const {
        return at < folders.size() ? folders[at] : files[at - folders.size()].key;
    }
    /// The index of the first entry that was not shown. Nothing if the entry that was shown last is not there any more.
    std::optional<std::size_t> behind(const HubPlace &place) const;
};

/// Nothing if the answer holds no list of files. prefix: the folder with its slash; empty: the top of the bucket.
std::optional<HubFiles> read_hub_files(std::string_view answer, std::string_view prefix);

/// A place in the list: Hub's token of a page, the number of entries of that page that were shown already, the last folder of the
/// page before, which may go on in this one, and the entry that was shown last, because the list may change.
struct HubPlace {
    std::string token;
    std::size_t shown = 0;
    std::string folder, last;
    std::string text() const; ///< as the token of a page of the plugin
};
/// Nothing if text is no place in a list of Hub.
std::optional<HubPlace> read_hub_place(std::string_view text);

/// The path of the call, with its query.
std::string hub_files_path(std::string_view storage, std::string_view bucket, std::string_view prefix,
                           std::string_view token);

/// The list that was read last. A folder with many files is shown in many pages, and Hub may give it in one answer. Any thread.
class LastHubFiles {
public:
    /// key: everything that the list depends on, the user included. Null: another list was read since, or it is old.
    std::shared_ptr<const HubFiles> find(std::string_view key) const;
    void keep(std::string key, std::shared_ptr<const HubFiles> files);

private:
    mutable std::mutex mutex_;
    std::string key_;
    std::shared_ptr<const HubFiles> files_;
    std::chrono::steady_clock::time_point until_;
};

} // namespace ango::explorer_s3
