//! Measures the kernels.
use quid_neural::kernel::{Matrix, Precision, Rounded, Workers};
use std::time::Instant;
fn main() {
    let workers = Workers::new(Some(1), 0).expect("threads");
    let (k, n) = (576, 1536);
    let weights: Vec<f32> = (0..k * n).map(|at| ((at * 7919) % 1000) as f32 / 1000.0 - 0.5).collect();
    for precision in [Precision::Exact, Precision::Rounded] {
        let matrices: Vec<_> = (0..40).map(|_| Matrix::new(&weights, k, precision)).collect();
        for rows in [1, 2, 4, 8, 16, 64, 256] {
            let input = vec![0.5_f32; k * rows];
            let mut rounded = Rounded::default();
            rounded.take(workers.arch(), &input);
            let mut output = vec![0.0; n * rows];
            let start = Instant::now();
            let mut times = 0;
            while start.elapsed().as_secs_f64() < 0.5 {
                for matrix in &matrices {
                    matrix.multiply(&input, &rounded, rows, &mut output, &workers);
                    times += 1;
                    if rows > 16 && start.elapsed().as_secs_f64() > 0.5 {
                        break;
                    }
                }
            }
            let seconds = start.elapsed().as_secs_f64();
            println!(
                "{precision:?} {rows} rows: {:.1} GFLOP/s, {:.1} G weights/s",
                2.0 * (k * n * rows * times) as f64 / seconds / 1e9,
                (k * n * times) as f64 / seconds / 1e9
            );
        }
    }
}
