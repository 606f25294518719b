// Imports files of a storage into a project, page by page.
//
// Where it is stands in the checkpoint: the page in work, and what of it is done, by name. So a folder that changes between
// two attempts loses and doubles nothing that is there all the time. (Folders below are gone through in the module's order; if
// just the one in work vanishes meanwhile, those that sort behind it come next.)
#pragma once

#include "host/explorer/explorer_event.hpp"
#include "host/explorer/file_filter.hpp"
#include "host/explorer/file_pages.hpp"
#include "host/import/asset_import.hpp"
#include "host/job/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace angod::host {

/// One for each job; job thread.
class FileImport {
public:
    /// All must outlive it.
    FileImport(Job &job, rest::HubApi &hub, FilePages &pages, const ExplorerEvent &event, FileOptions options);

    /// The answer is a message for the user.
    RunResult run();

private:
    /// What has been left out, and why.
    struct Counts {
        std::uint64_t other_type = 0, there_already = 0;
    };
    /// A page that has to be done, or done to its end.
    struct Page {
        std::uint64_t first = 0;            ///< of the named files; of a folder's page nothing
        std::vector<std::uint64_t> handled; ///< names of which nothing more is to be done
        std::vector<std::uint64_t> added;   ///< names that were given to the import, in its order
        std::uint64_t done_before = 0;      ///< of the import, when the page began
    };
    /// A folder in work, with those above it; the last one's page is the page.
    struct Level {
        std::string folder, token;
        std::string child;           ///< on this page: the folder below that is in work; empty: the files are
        std::optional<Listing> page; ///< not asked for yet
    };

    void resume();
    std::string position() const;
    std::optional<Failure> import_named();
    std::optional<Failure> import_folder();
    std::optional<Failure> go_on(Level &level);
    std::optional<Failure> import_page(const std::vector<Listing::File> &files);
    std::optional<Failure> add(const std::vector<Listing::File> &files);
    std::optional<Failure> leave_out_known(std::vector<Listing::File> &files);
    void next_page(std::uint64_t first = 0);
    Outcome message() const;

    Job &job_;
    rest::HubApi &hub_;
    FilePages &pages_;
    const ExplorerEvent &event_;
    const FileOptions options_;
    Counts counts_, counts_before_; ///< with and without the page in work
    Page page_;
    std::vector<Level> levels_;
    AssetImport import_;
};

} // namespace angod::host
