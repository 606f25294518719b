//! Kind Export: the smallest converter in Rust. It copies every asset into one NDJSON file.
//!
//! Below `copy` are the parts of ango/module.h that it needs, written by hand and without crates. The rules there ask two
//! things of Rust: no panic leaves a function that the host calls, and no pointer that is valid for a call is kept.

use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Err is a status of the host, which already knows the reason.
fn copy(assets: &mut Assets, zip: &mut Zip) -> Result<(), i32> {
    zip.open("assets.ndjson")?;
    while let Some(record) = assets.next()? {
        zip.write(record)?;
        zip.write(b"\n")?;
    }
    Ok(())
}

// ---- the module

static MODULE: Constant<Module> = Constant(Module {
    struct_size: std::mem::size_of::<Module>() as u32,
    abi: 1 << 16, // 1.0: the oldest version with everything that is used here
    flags: ANGO_MODULE_CONCURRENT,
    kinds: ANGO_KIND_EXPORT,
    id: Str::of("export-lines-rust"),
    name: Str::of(""),
    version: Str::of("1.0"),
    summary: Str::of("Copies the assets into one NDJSON file"),
    requirements: &NEEDS.0,
    requirement_count: 3,
    create,
    destroy,
    table,
});
static NEEDS: Constant<[&Requirement; 3]> = Constant([&READER.0, &WRITER.0, &FAILURE.0]);
static READER: Constant<Requirement> = Constant(Requirement::of("ango.reader"));
static WRITER: Constant<Requirement> = Constant(Requirement::of("ango.writer"));
static FAILURE: Constant<Requirement> = Constant(Requirement::of("ango.failure"));
static EXPORT: ExportTable = ExportTable {
    struct_size: std::mem::size_of::<ExportTable>() as u32,
    reserved: 0,
    convert,
};

/// The host's tables. Constant after the first create.
static READER_SERVICE: AtomicPtr<ReaderService> = AtomicPtr::new(ptr::null_mut());
static WRITER_SERVICE: AtomicPtr<WriterService> = AtomicPtr::new(ptr::null_mut());
static FAILURE_SERVICE: AtomicPtr<FailureService> = AtomicPtr::new(ptr::null_mut());

#[no_mangle]
pub extern "C" fn ango_module_entry(_host_abi: u32) -> *const c_void {
    &MODULE as *const Constant<Module> as *const c_void
}

unsafe extern "C" fn create(
    host: *const Host,
    _settings: *const Str,
    _out: *mut *mut c_void,
) -> i32 {
    let service =
        |need: &Requirement| ((*host).service)(host, &need.name, need.revision) as *mut c_void;
    READER_SERVICE.store(service(&READER.0).cast(), Ordering::Relaxed);
    WRITER_SERVICE.store(service(&WRITER.0).cast(), Ordering::Relaxed);
    FAILURE_SERVICE.store(service(&FAILURE.0).cast(), Ordering::Relaxed);
    ANGO_OK
}

unsafe extern "C" fn destroy(_instance: *mut c_void) {}

unsafe extern "C" fn table(name: *const Str, revision: u32) -> *const c_void {
    if (*name).bytes() == b"ango.export" && revision == 1 {
        return &EXPORT as *const ExportTable as *const c_void;
    }
    ptr::null()
}

unsafe extern "C" fn convert(
    _instance: *mut c_void,
    job: *mut c_void,
    reader: *mut c_void,
    writer: *mut c_void,
) -> i32 {
    let mut assets = Assets {
        table: &*READER_SERVICE.load(Ordering::Relaxed),
        reader,
    };
    let mut zip = Zip {
        table: &*WRITER_SERVICE.load(Ordering::Relaxed),
        writer,
    };
    match catch_unwind(AssertUnwindSafe(|| copy(&mut assets, &mut zip))) {
        Ok(Ok(())) => ANGO_OK,
        Ok(Err(status)) => status,
        Err(panic) => {
            let details = panic
                .downcast_ref::<&str>()
                .copied()
                .unwrap_or("the module panicked");
            let failure = Failure {
                struct_size: std::mem::size_of::<Failure>() as u32,
                reserved: 0,
                retry_after_ms: -1,
                user_text: Str::of("The plugin met an unexpected problem."),
                operator_text: Str {
                    data: details.as_ptr(),
                    size: details.len() as u64,
                },
            };
            ((*FAILURE_SERVICE.load(Ordering::Relaxed)).fail)(job, &failure);
            ANGO_FAILED
        }
    }
}

/// The assets of the export, one after the other.
struct Assets<'a> {
    table: &'a ReaderService,
    reader: *mut c_void,
}

impl Assets<'_> {
    /// None after the last asset. The borrow ends before the next call, when the bytes become invalid.
    fn next(&mut self) -> Result<Option<&[u8]>, i32> {
        let mut asset = Asset {
            struct_size: std::mem::size_of::<Asset>() as u32,
            container: 0,
            number: 0,
            offset: 0,
            json: Str::of(""),
        };
        match unsafe { (self.table.next)(self.reader, &mut asset) } {
            ANGO_OK => Ok(Some(unsafe { asset.json.bytes() })),
            ANGO_END => Ok(None),
            status => Err(status),
        }
    }
}

/// The zip that becomes the result.
struct Zip<'a> {
    table: &'a WriterService,
    writer: *mut c_void,
}

impl Zip<'_> {
    fn open(&mut self, name: &str) -> Result<(), i32> {
        let name = Str {
            data: name.as_ptr(),
            size: name.len() as u64,
        };
        checked(unsafe { (self.table.open)(self.writer, &name) })
    }
    fn write(&mut self, bytes: &[u8]) -> Result<(), i32> {
        let bytes = Str {
            data: bytes.as_ptr(),
            size: bytes.len() as u64,
        };
        checked(unsafe { (self.table.write)(self.writer, &bytes) })
    }
}

fn checked(status: i32) -> Result<(), i32> {
    if status < 0 {
        Err(status)
    } else {
        Ok(())
    }
}

// ---- ango/module.h

const ANGO_OK: i32 = 0;
const ANGO_END: i32 = 1;
const ANGO_FAILED: i32 = -1;
const ANGO_KIND_EXPORT: u64 = 1;
const ANGO_MODULE_CONCURRENT: u64 = 1;

#[repr(C)]
struct Str {
    data: *const u8,
    size: u64,
}

impl Str {
    const fn of(text: &'static str) -> Str {
        Str {
            data: text.as_ptr(),
            size: text.len() as u64,
        }
    }
    /// Valid as long as the text that it points to.
    unsafe fn bytes<'a>(&self) -> &'a [u8] {
        if self.size == 0 {
            &[]
        } else {
            std::slice::from_raw_parts(self.data, self.size as usize)
        }
    }
}

#[repr(C)]
struct Requirement {
    struct_size: u32,
    revision: u32,
    name: Str,
    optional: u32,
    reserved: u32,
}

impl Requirement {
    const fn of(name: &'static str) -> Requirement {
        Requirement {
            struct_size: std::mem::size_of::<Requirement>() as u32,
            revision: 1,
            name: Str::of(name),
            optional: 0,
            reserved: 0,
        }
    }
}

#[repr(C)]
struct Host {
    struct_size: u32,
    abi: u32,
    ctx: *mut c_void,
    service: unsafe extern "C" fn(*const Host, *const Str, u32) -> *const c_void,
}

/// The members up to table, which is the least that a host accepts.
#[repr(C)]
struct Module {
    struct_size: u32,
    abi: u32,
    flags: u64,
    kinds: u64,
    id: Str,
    name: Str,
    version: Str,
    summary: Str,
    requirements: &'static [&'static Requirement; 3],
    requirement_count: u64,
    create: unsafe extern "C" fn(*const Host, *const Str, *mut *mut c_void) -> i32,
    destroy: unsafe extern "C" fn(*mut c_void),
    table: unsafe extern "C" fn(*const Str, u32) -> *const c_void,
}

#[repr(C)]
struct ExportTable {
    struct_size: u32,
    reserved: u32,
    convert: unsafe extern "C" fn(*mut c_void, *mut c_void, *mut c_void, *mut c_void) -> i32,
}

#[repr(C)]
struct Asset {
    struct_size: u32,
    container: u32,
    number: u64,
    offset: u64,
    json: Str,
}

#[repr(C)]
struct ReaderService {
    struct_size: u32,
    reserved: u32,
    next: unsafe extern "C" fn(*mut c_void, *mut Asset) -> i32,
}

#[repr(C)]
struct WriterService {
    struct_size: u32,
    reserved: u32,
    open: unsafe extern "C" fn(*mut c_void, *const Str) -> i32,
    write: unsafe extern "C" fn(*mut c_void, *const Str) -> i32,
}

#[repr(C)]
struct Failure {
    struct_size: u32,
    reserved: u32,
    retry_after_ms: i64,
    user_text: Str,
    operator_text: Str,
}

#[repr(C)]
struct FailureService {
    struct_size: u32,
    reserved: u32,
    fail: unsafe extern "C" fn(*mut c_void, *const Failure),
}

/// Constants that point to constants: any thread may read them.
#[repr(transparent)]
struct Constant<T>(T);
unsafe impl<T> Sync for Constant<T> {}
