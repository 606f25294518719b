/* SPDX-License-Identifier: MIT
 *
 * The C interface between angod and a module.
 *
 * A module is a shared library that exports one function, ango_module_entry. Everything else is reached
 * through tables of functions: the module's tables (one per plugin kind it serves) and the host's tables
 * (its services). Both are asked for by name and revision, so either side can grow without the other.
 *
 * Rules that hold for every declaration below:
 *  - Text is UTF-8 with a length. A terminating zero is never written, expected or counted.
 *  - Every struct that crosses the boundary starts with struct_size, set by whoever fills it. Nobody reads
 *    behind the other side's struct_size; what is missing there has the default named at the member.
 *    Structs grow at the end only. ango_str is the one exception: it is frozen for ever.
 *  - Memory is freed by the side that allocated it. Pointers given as arguments are valid until the call
 *    returns, pointers given as results as long as the comment of the function says.
 *  - Tables are constant and live until the process ends.
 *  - No exception may leave a function of either side.
 *  - Functions return a status of the ANGO_ list below. A negative status is an error.
 *
 * Threads: "job thread" is the thread on which the host called the module for this job. "any thread" also
 * includes threads that the module started itself, as long as the job has not ended.
 *
 * Stability: a module built with the header of a 1.x loads in every host of a later 1.x. In a host of an earlier
 * 1.x it loads too if that has the services that it requires and knows the tables of its kinds; otherwise it is
 * refused, with a sentence that names what is missing. Hosts of another major version refuse it. So within 1.x
 * nothing that is declared here changes its place, type or meaning; new members come behind the old ones, new
 * functions as new revisions, services or kinds. A member that came with a later 1.x is looked at only if the other
 * side's struct_size reaches behind it.
 */
#ifndef ANGO_MODULE_H
#define ANGO_MODULE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ANGO_ABI_MAJOR 1u
#define ANGO_ABI_MINOR 0u
/* The version both sides were compiled against, as one number that compares in order. */
#define ANGO_ABI ((ANGO_ABI_MAJOR << 16) | ANGO_ABI_MINOR)

#if defined(_WIN32)
#define ANGO_EXPORT __declspec(dllexport)
#else
#define ANGO_EXPORT __attribute__((visibility("default")))
#endif

/* A piece of text or bytes; data may be null only if size is 0. Frozen: never grows. */
typedef struct ango_str {
    const char *data;
    uint64_t size; /* bytes */
} ango_str;

/* ---- status ------------------------------------------------------------------------------------------ */

#define ANGO_OK 0
#define ANGO_END 1            /* a reader has no further item */
#define ANGO_ABSENT 2         /* the thing asked for does not exist; not an error */
#define ANGO_PENDING 3        /* reserved for asynchronous modules; a module that returns it today fails its job */
#define ANGO_FAILED (-1)      /* the job failed; the reason is what ango.failure was told, if anything */
#define ANGO_CANCELLED (-2)   /* the job is being cancelled; return soon */
#define ANGO_INVALID (-3)     /* an argument is wrong, or the call is not allowed in this state */
#define ANGO_LIMIT (-4)       /* a limit of the configuration was reached */
#define ANGO_IO (-5)          /* disk or network failed; the host has recorded the details */
#define ANGO_UNSUPPORTED (-6) /* this host cannot do that */

/* ---- opaque objects ------------------------------------------------------------------------------------ */

typedef struct ango_instance ango_instance;         /* the module's: one per plugin, made by create */
typedef struct ango_job ango_job;                   /* the host's: one run of a plugin */
typedef struct ango_reader ango_reader;             /* the host's: the assets of one export */
typedef struct ango_writer ango_writer;             /* the host's: the zip that one export job produces */
typedef struct ango_scratch_file ango_scratch_file; /* the host's: one temporary file of a job */
typedef struct ango_listing ango_listing;           /* the host's: what a file explorer finds */

/* ---- the module -------------------------------------------------------------------------------------- */

/* Bits of ango_module.kinds: what a module can be in Hub. For each bit it returns the table named here. */
#define ANGO_KIND_EXPORT UINT64_C(1)        /* table "ango.export" */
#define ANGO_KIND_MODEL UINT64_C(2)         /* table "ango.model" */
#define ANGO_KIND_BATCH_MODEL UINT64_C(4)   /* table "ango.model" too */
#define ANGO_KIND_FILE_EXPLORER UINT64_C(8) /* table "ango.file-explorer" */
#define ANGO_KIND_MARKDOWN UINT64_C(16)     /* table "ango.markdown" */
#define ANGO_KIND_INPUT UINT64_C(32)        /* table "ango.input" */

/* Bits of ango_module.flags. */
#define ANGO_MODULE_CONCURRENT                                                                                         \
    UINT64_C(1) /* one instance may run several jobs at a time, each on a thread of its own */

/* A service the module wants from the host. */
typedef struct ango_requirement {
    uint32_t struct_size;
    uint32_t revision;
    ango_str name;     /* "ango.scratch" */
    uint32_t optional; /* 1: the module can do without; 0: the host refuses a module whose wish it cannot meet */
    uint32_t reserved;
} ango_requirement;

/* The host as a module sees it in create. Valid until the process ends. */
typedef struct ango_host {
    uint32_t struct_size;
    uint32_t abi; /* the host's ANGO_ABI */
    void *ctx;    /* the host's own; pass the whole ango_host back */
    /* The table of a service, or null if this host has no such service in this revision. Any thread. */
    const void *(*service)(const struct ango_host *host, const ango_str *name, uint32_t revision);
} ango_host;

/* What a module is. Constant; all pointers in it live until the process ends. */
typedef struct ango_module {
    uint32_t struct_size;
    uint32_t abi;     /* ANGO_ABI of the header it was built with */
    uint64_t flags;   /* ANGO_MODULE_… */
    uint64_t kinds;   /* ANGO_KIND_…, at least one */
    ango_str id;      /* how a configuration names it: [a-z0-9-], at most 64 bytes; required */
    ango_str name;    /* for people; empty: the id */
    ango_str version; /* free text, shown to people; empty: "0" */
    ango_str summary; /* one line for people; may be empty */
    const ango_requirement *const *requirements; /* requirement_count pointers; null if 0 */
    uint64_t requirement_count;
    /* Makes an instance for one plugin from its "settings" (a JSON object as text, "{}" if it has none).
     * Called once for each plugin of the process, before any job. *out is null before; a module without state
     * may leave it so, and gets null back as its instance. On error nothing is stored in *out; what
     * ango.failure was told with a null job is shown to the operator. */
    int32_t (*create)(const ango_host *host, const ango_str *settings, ango_instance **out);
    /* Ends an instance that has no running job. Not called when the process is killed. */
    void (*destroy)(ango_instance *instance);
    /* The module's table for a kind, null if it does not serve that kind in that revision. Any thread. */
    const void *(*table)(const ango_str *name, uint32_t revision);
    /* What follows from an instance's settings, as a JSON object; every member may be missing: "classes", the
     * names of what a model finds (a list of texts), and "config", the options that a user may give (an object
     * with their defaults). Valid until the instance's next describe or destroy. Null: nothing to say. */
    int32_t (*describe)(ango_instance *instance, ango_str *json);
} ango_module;

/* The one exported function. host_abi is the host's ANGO_ABI. Returns the module's descriptor; null says
 * that the module cannot work in this host. May be called several times, from any thread. */
typedef const ango_module *(*ango_module_entry_fn)(uint32_t host_abi);
ANGO_EXPORT const ango_module *ango_module_entry(uint32_t host_abi);

/* ---- tables of the module: one per kind -------------------------------------------------------------------- */

/* "ango.export", revision 1: turns a project's export into files. */
typedef struct ango_export_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* Reads assets (service "ango.reader") until ANGO_END and writes zip entries (service "ango.writer").
     * The host downloads, unzips, zips, uploads and answers. Reader and writer are valid, on the job thread
     * only, until the call returns. Not ANGO_OK: the job fails and nothing that was written is used. */
    int32_t (*convert)(ango_instance *instance, ango_job *job, ango_reader *reader, ango_writer *writer);
} ango_export_v1;

/* What a model is asked about. */
typedef struct ango_model_asset {
    uint32_t struct_size;
    uint32_t reserved;
    ango_str id;          /* of the asset in Hub; may be empty */
    ango_str external_id; /* the user's name for it; empty where Hub does not say (Model) */
    ango_str data;        /* URL of its file, or the text itself for embedded markdown. For ango.http.get */
    ango_str task_id;     /* empty in a Batch Model */
    ango_str classes;     /* which class of the model is which of the project: [{"schemaId", "modelClass"}] as
                           * JSON, "null" if the user mapped none */
    ango_str record;      /* Batch Model: the asset as Hub describes it, a JSON object. Model: "{}" */
} ango_model_asset;

/* "ango.model", revision 1: labels an asset. Serves the kinds Model (one asset, asked for by a user or a
 * workflow) and Batch Model (every asset of a project). */
typedef struct ango_model_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* Gives the labels to ango.result as {"objects": […], "classifications": […], "relations": […]}, with
     * "brushDataUrl" and "medicalBrushDataUrl" where it has them (see ango.hub.upload); nothing given: nothing
     * found. The host merges, pages, imports and moves tasks on; in a workflow and a Batch Model it gives an objectId
     * to objects that have none. ANGO_FAILED: Model: the job fails. Batch Model: this asset gets no labels, is counted,
     * and the job goes on, unless the user mapped no class and it was the first asset. ANGO_CANCELLED: the job ends.
     * asset is valid until the call returns. */
    int32_t (*predict)(ango_instance *instance, ango_job *job, const ango_model_asset *asset);
} ango_model_v1;

/* What a user looks at in a file explorer. */
typedef struct ango_folder {
    uint32_t struct_size;
    uint32_t limit;   /* how many entries a page may have, folders and files together */
    ango_str bucket;  /* may be empty */
    ango_str folder;  /* "photos/2024/", or empty: the root. As Hub sent it */
    ango_str token;   /* where the page starts: what an earlier page named as its next, perhaps for another job and with
                       * another limit; empty: the first */
    ango_str storage; /* the storage as Hub describes it, a JSON object with keys in it: never log it. "null" if the
                       * event names none */
} ango_folder;

/* "ango.file-explorer", revision 1: shows what lies in a storage and names what to import. */
typedef struct ango_file_explorer_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* Gives one page of what lies directly in a folder to the service "ango.listing". */
    int32_t (*list)(ango_instance *instance, ango_job *job, const ango_folder *folder, ango_listing *page);
    /* May be null. The address of one file that the user chose, given to ango.listing.file. Nothing given: the usual
     * address of that key in that storage. */
    int32_t (*locate)(ango_instance *instance, ango_job *job, const ango_folder *folder, const ango_str *key,
                      ango_listing *file);
} ango_file_explorer_v1;

/* The table that a markdown generator is run on. All pointers are valid until the job ends. */
typedef struct ango_table {
    uint32_t struct_size;
    uint32_t reserved;
    const ango_str *columns; /* the names in the first line, none twice */
    uint64_t column_count;
    ango_str markdown; /* the user's text, HTML-unescaped; may be empty */
} ango_table;

/* One line of it. */
typedef struct ango_row {
    uint32_t struct_size;
    uint32_t reserved;
    uint64_t number;       /* from 0: the first below the names */
    const ango_str *cells; /* as many as there are columns */
} ango_row;

/* What a module makes of a line. The host clears it before each call; its text is the module's and must stay
 * valid until the next call for this job. */
typedef struct ango_row_asset {
    uint32_t struct_size;
    uint32_t skip;        /* 1: no asset for this line */
    ango_str data;        /* the asset: its text, or a URL */
    ango_str external_id; /* empty: as the option external_id_columns says, or the number of the line */
    ango_str batch;       /* name; empty: as the option batch_name_column says */
    ango_str labels;      /* an answer as in ango.model; empty: none */
} ango_row_asset;

/* "ango.markdown", revision 1: turns each line of a table into an asset. The host reads the CSV, names the
 * assets, makes the batches and uploads; the options batch_name_column, external_id_columns and
 * upload_batch_size are its own. */
typedef struct ango_markdown_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* May be null. Once before the lines of a job: checks the options against the table. *state is null before,
     * is the module's, and goes into row and end. */
    int32_t (*begin)(ango_instance *instance, ango_job *job, const ango_table *table, void **state);
    int32_t (*row)(ango_instance *instance, ango_job *job, void *state, const ango_row *row, ango_row_asset *asset);
    /* May be null. Once after begin has been called, whatever became of the job. */
    void (*end)(ango_instance *instance, ango_job *job, void *state);
} ango_markdown_v1;

/* "ango.input", revision 1: answers an event. */
typedef struct ango_input_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* Gives its answer to the service "ango.result". A job that ends without a value answers "". */
    int32_t (*answer)(ango_instance *instance, ango_job *job);
} ango_input_v1;

/* ---- services of the host ------------------------------------------------------------------------------------ */

/* "ango.job", revision 1: what the job is. Any thread. Text it returns is valid until the job ends. */
typedef struct ango_job_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* The event exactly as Hub sent it: one JSON object. It holds the user's apiKey: never log it whole. */
    int32_t (*event)(ango_job *job, ango_str *out);
    /* One top-level member of the event as JSON text ("\"abc\"", "[1,2]"). ANGO_ABSENT if it has none. */
    int32_t (*field)(ango_job *job, const ango_str *name, ango_str *out);
    /* The user's options: the text of configJSON, "{}" where Hub sent none. Always a valid JSON object; the
     * host fails the job before the module sees one that is not. */
    int32_t (*config)(ango_job *job, ango_str *out);
    /* 1 for the first run of this job, 2 for the first repetition, … */
    uint32_t (*attempt)(ango_job *job);
    /* What save_checkpoint kept in an earlier attempt of this job; ANGO_ABSENT if nothing. */
    int32_t (*checkpoint)(ango_job *job, ango_str *out);
    /* Keeps up to 65,536 bytes for a later attempt. They are on disk when the call returns. ANGO_UNSUPPORTED in a
     * Model and a Batch Model, where the host keeps its own. Job thread. */
    int32_t (*save_checkpoint)(ango_job *job, const ango_str *bytes);
} ango_job_v1;

/* Log levels of Hub. */
#define ANGO_LOG_DEBUG 0u
#define ANGO_LOG_INFO 1u
#define ANGO_LOG_WARNING 2u
#define ANGO_LOG_ERROR 3u

/* "ango.log", revision 1: what the user of Hub sees in Plugin Sessions. Any thread. Never blocks for long. */
typedef struct ango_log_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* One line; longer than 8,192 bytes is cut, and of lines without end some are left out and counted. With a null
     * job it goes to the operator's log only. */
    void (*line)(ango_job *job, uint32_t level, const ango_str *text);
    /* How far the job is, in units of the module's choice; total 0: not known. To be called as often as the module
     * likes: the host shows it seldom, and the last one. */
    void (*progress)(ango_job *job, uint64_t done, uint64_t total);
} ango_log_v1;

/* "ango.cancel", revision 1: whether the job should stop: time-out, an operator's cancel, shutdown. */
typedef struct ango_cancel_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* 1 once the job should stop, else 0. Any thread; cheap enough for an inner loop. */
    int32_t (*cancelled)(ango_job *job);
    /* callback(ctx) is called once, on a thread of the host, when the job should stop (at once if it already
     * should). One callback a job: a further call replaces it, a null callback removes it. When this returns
     * the replaced callback is not running and will not run. Job thread, not from inside the callback. */
    int32_t (*on_cancel)(ango_job *job, void (*callback)(void *ctx), void *ctx);
} ango_cancel_v1;

/* How an export is laid out. */
#define ANGO_CONTAINER_NDJSON 1u /* one record a line; a record that is not valid JSON concerns only itself */
#define ANGO_CONTAINER_ARRAY 2u  /* one array; a record that is not valid JSON makes the export unusable */

/* One asset of an export. The caller sets struct_size; the host fills the rest. */
typedef struct ango_asset {
    uint32_t struct_size;
    uint32_t container; /* ANGO_CONTAINER_… */
    uint64_t number;    /* from 1: the line (NDJSON, blank lines counted) or the element (array) */
    uint64_t offset;    /* where the record starts in the unzipped export, bytes from 0 */
    ango_str json;      /* the record. At most 64 levels deep, but not otherwise checked: it may be invalid JSON.
                         * Valid until the next call of next on this reader */
} ango_asset;

/* "ango.reader", revision 1. Job thread. */
typedef struct ango_reader_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* The next asset; ANGO_END after the last. An error is final: the module returns it, or ANGO_FAILED. */
    int32_t (*next)(ango_reader *reader, ango_asset *asset);
} ango_reader_v1;

/* "ango.writer", revision 1. Job thread. One entry is open at a time. An error is final, as in ango.reader. */
typedef struct ango_writer_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* Starts the entry of this name: relative, parts separated by '/', no "." or "..", no control character,
     * no backslash, not used before in this zip; otherwise ANGO_INVALID. Closes the entry before it. */
    int32_t (*open)(ango_writer *writer, const ango_str *name);
    /* Appends to the open entry. The bytes are copied. */
    int32_t (*write)(ango_writer *writer, const ango_str *bytes);
    int32_t (*close)(ango_writer *writer);
} ango_writer_v1;

/* "ango.scratch", revision 1: temporary files of the job, for what a format cannot write in one pass. They
 * count against limits.spool_mb and vanish when the job ends. Job thread. */
typedef struct ango_scratch_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* A new empty file. Valid until the job ends. */
    int32_t (*create)(ango_job *job, ango_scratch_file **out);
    /* Appends, buffered. ANGO_INVALID after the first read. */
    int32_t (*write)(ango_scratch_file *file, const ango_str *bytes);
    /* Reads on from where the last read ended, the first one from the start, into the caller's buffer; *got
     * is less than capacity only at the end. ANGO_END when nothing is left. */
    int32_t (*read)(ango_scratch_file *file, char *buffer, uint64_t capacity, uint64_t *got);
} ango_scratch_v1;

/* What to ask, and of whom. */
typedef struct ango_http_request {
    uint32_t struct_size;
    uint32_t reserved;
    ango_str method; /* empty: GET */
    ango_str url;
    const ango_str *headers; /* name, value, name, value, … */
    uint64_t header_count;   /* how many pairs */
    ango_str body;
    uint64_t limit; /* bytes of the answer; at most 268,435,456 */
    /* If s3_key_id is not empty the request is signed as Amazon's S3 wants it (version 4). */
    ango_str s3_region, s3_key_id, s3_secret;
} ango_http_request;

/* What came back. */
typedef struct ango_http_response {
    uint32_t struct_size;
    uint32_t status; /* as HTTP has them: 200 */
    ango_str body;
    ango_str content_type;
} ango_http_response;

/* "ango.http", revision 1: asks other servers. Job thread. A module should do without it where the host has
 * none. */
typedef struct ango_http_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* GETs url, with the host's proxy, certificates and repetitions: an https URL, or one of Hub's REST API, which
     * may begin with its path ("/v2/project/ID") and alone is sent the user's API key. ANGO_OK: *out is the body.
     * ANGO_LIMIT: it has more than limit bytes (at most 268,435,456). ANGO_INVALID: such a URL is not fetched. Any
     * other error: it did not come. With an error *out is a sentence that says why, without path or query. An error
     * is the module's to judge; the job has not failed by it. *out is valid until the next call for this job. */
    int32_t (*get)(ango_job *job, const ango_str *url, uint64_t limit, ango_str *out);
    /* Any request; url, repetitions and errors as for get, but every status is an answer: the module looks at it.
     * A failed request is sent again only if the method is GET or HEAD. response is the caller's, with struct_size
     * set; its text is valid until the next call for this job. With an error response->body is the sentence. */
    int32_t (*request)(ango_job *job, const ango_http_request *request, ango_http_response *response);
} ango_http_v1;

/* "ango.hub", revision 1: Hub's REST API with the key of the user who runs the plugin. Job thread. */
typedef struct ango_hub_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* path: "/v2/project/ID?page=2", escaped. body: JSON, empty for none. repeat 1: may be sent again when it is
     * not known whether it arrived. ANGO_OK: *out is Hub's answer, which says success. ANGO_ABSENT: there is no such
     * thing (404). Any other: Hub refused, or could not be asked. With anything but ANGO_OK *out is a sentence for
     * the user. *out is valid until the next call for this job. */
    int32_t (*call)(ango_job *job, const ango_str *method, const ango_str *path, const ango_str *body, uint32_t repeat,
                    ango_str *out);
    /* Puts bytes into Hub's storage under a name with an extension and gives the URL under which Hub reads them.
     * type: "brushes" (a PNG), "medicalBrushes" (.seg.nrrd), "assets". Otherwise as call. */
    int32_t (*upload)(ango_job *job, const ango_str *type, const ango_str *name, const ango_str *bytes, ango_str *out);
} ango_hub_v1;

/* "ango.listing", revision 1: what a file explorer found. Job thread, until list or locate returns. The text is
 * copied. ANGO_LIMIT: the page is full. */
typedef struct ango_listing_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* A folder, as what list is given when the user opens it: "photos/2024/". */
    int32_t (*folder)(ango_listing *page, const ango_str *prefix);
    /* A file. url: where Hub finds it once it is imported; null or empty: the usual address of that key. */
    int32_t (*file)(ango_listing *page, const ango_str *key, const ango_str *url);
    /* The page is not the last: the token with which the next one is asked for, at most 8,192 bytes. It should name a
     * place that stays while entries come and go (the last key, not a number of entries): an import of a folder goes
     * on from there after an interruption. */
    int32_t (*next)(ango_listing *page, const ango_str *token);
} ango_listing_v1;

/* "ango.result", revision 1: the answer. Job thread. The last call of each function counts. */
typedef struct ango_result_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* Input and Model: the answer as JSON text. ANGO_INVALID if it is not valid JSON. */
    int32_t (*value)(ango_job *job, const ango_str *json);
    /* Export: name of the zip, without folder. Not called: "<project>-<module id>-<UTC time>.zip". */
    int32_t (*file_name)(ango_job *job, const ango_str *name);
    /* Export: id of the storage to put it in. Not called: Hub's own. */
    int32_t (*storage)(ango_job *job, const ango_str *storage_id);
} ango_result_v1;

/* Why a job, or create, failed. */
typedef struct ango_failure {
    uint32_t struct_size;
    uint32_t reserved;
    int64_t retry_after_ms; /* run it again after so long, if attempts are left; −1: it cannot succeed */
    ango_str user_text;     /* one sentence for the user of Hub, who knows nothing of modules */
    ango_str operator_text; /* details for the operator's log; may be empty */
} ango_failure;

/* "ango.failure", revision 1. */
typedef struct ango_failure_v1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* Says why; the module then returns ANGO_FAILED. The last call counts. Job thread; with a null job, the
     * thread of create. */
    void (*fail)(ango_job *job, const ango_failure *failure);
} ango_failure_v1;

#ifdef __cplusplus
}
#endif
#endif
