// The options of an import, which decide the files of a storage to import. Pure.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

struct FileOptions {
    std::vector<std::string> accepted, ignored; ///< extensions in lower case, with their dot; accepted empty: all
    bool subfolders = false;                    ///< also files in folders below
    bool only_new = false;                      ///< skip files whose name the project has already
    bool folders_as_batches = false;            ///< the path of a file's folder is the name of a batch

    /// Whether a file is to be imported. Ignored wins over accepted; ".tar.gz" fits "a.TAR.gz".
    bool fits(std::string_view key) const;
};

/// Reads accepted_extensions, ignored_extensions (or ignored_extension), upload_subfolders, prevent_duplicates
/// and assign_folder_names_as_batch_name of configJSON. The error is a sentence for the user.
Result<FileOptions> read_file_options(std::string_view config);

} // namespace angod::host
