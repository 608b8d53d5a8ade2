//! How the cost grows, as SVG. The greys and colours can be read on light and on dark.

use std::fmt::Write;
use std::path::Path;

use crate::table::Row;
use crate::wire::Outcome;

/// A scene played at several sizes, and what its size is.
const PLOTS: [(&str, &str); 3] = [
    ("growth-members", "members of the room"),
    ("growth-rooms", "rooms of ten members"),
    ("growth-size", "bytes of a message"),
];

const COLOURS: [(&str, &str); 3] = [("hullo", "#3b82f6"), ("bare", "#7c8591"), ("ws", "#d97706")];

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 60.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 44.0;

type Points = Vec<(f64, f64)>;

/// One file for each plot that has rows.
pub(crate) fn write(folder: &Path, rows: &[Row]) -> Outcome {
    let told = |error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(told)?;
    for (scene, size) in PLOTS {
        let lines = COLOURS.map(|(peer, colour)| (peer, colour, points(rows, scene, peer)));
        if lines.iter().any(|(_, _, points)| points.len() > 1) {
            let file = folder.join(format!("{scene}.svg"));
            std::fs::write(file, plot(size, &lines)).map_err(told)?;
        }
    }
    Ok(())
}

fn points(rows: &[Row], scene: &str, peer: &str) -> Points {
    let rows = rows.iter().filter(|row| row.scenario.name == scene && row.peer == peer);
    rows.filter_map(|row| Some((f64::from(row.scenario.at?), *row.figures.get("cpu-per-million")?)))
        .collect()
}

/// One direction of a plot. Both are logarithmic.
struct Axis {
    least: f64,
    most: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn at(&self, value: f64) -> f64 {
        let share = (value / self.least).ln() / (self.most / self.least).ln();
        self.from + share * (self.to - self.from)
    }

    /// 1, 2 and 5 of every power of ten.
    fn ticks(&self) -> impl Iterator<Item = f64> {
        let tens = (-3..=6).flat_map(|ten| [1.0, 2.0, 5.0].map(|one| one * 10_f64.powi(ten)));
        tens.filter(|tick| *tick >= self.least * 0.999 && *tick <= self.most * 1.001)
    }
}

fn plot(size: &str, lines: &[(&str, &str, Points)]) -> String {
    let all = || lines.iter().flat_map(|(_, _, points)| points);
    let least = |of: fn(&(f64, f64)) -> f64| all().map(of).fold(f64::MAX, f64::min);
    let most = |of: fn(&(f64, f64)) -> f64| all().map(of).fold(f64::MIN_POSITIVE, f64::max);
    let x = Axis { least: least(|it| it.0), most: most(|it| it.0), from: LEFT, to: WIDTH - RIGHT };
    let y = Axis {
        least: least(|it| it.1) * 0.8,
        most: most(|it| it.1) * 1.25,
        from: HEIGHT - BOTTOM,
        to: TOP,
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\" fill=\"#808080\">\n\
         <title>CPU seconds for a million deliveries, by {size}</title>\n\
         <text x=\"{LEFT}\" y=\"16\">CPU s for a million deliveries</text>\n\
         <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{size}</text>\n",
        f64::midpoint(LEFT, WIDTH - RIGHT),
        HEIGHT - 8.0
    );
    grid(&mut svg, &x, &y);
    for (peer, colour, points) in lines {
        line(&mut svg, peer, colour, &points.iter().map(|it| (x.at(it.0), y.at(it.1))).collect());
    }
    svg + "</svg>\n"
}

fn grid(svg: &mut String, x: &Axis, y: &Axis) {
    for tick in y.ticks() {
        let (at, end) = (y.at(tick), WIDTH - RIGHT);
        writeln!(
            svg,
            "<path d=\"M{LEFT} {at:.1}H{end}\" stroke=\"#808080\" stroke-opacity=\"0.3\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{tick}</text>",
            LEFT - 8.0,
            at + 4.0
        )
        .expect("text grows");
    }
    let floor = HEIGHT - BOTTOM;
    for tick in x.ticks() {
        let at = x.at(tick);
        writeln!(
            svg,
            "<path d=\"M{at:.1} {floor}v5\" stroke=\"#808080\"/>\
             <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{tick}</text>",
            floor + 18.0
        )
        .expect("text grows");
    }
    writeln!(svg, "<path d=\"M{LEFT} {floor}H{}\" stroke=\"#808080\"/>", WIDTH - RIGHT)
        .expect("text grows");
}

fn line(svg: &mut String, peer: &str, colour: &str, points: &Points) {
    let Some((x, y)) = points.last() else { return };
    let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let path = path.join(" ");
    writeln!(
        svg,
        "<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
    )
    .expect("text grows");
    for (x, y) in points {
        writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>")
            .expect("text grows");
    }
    let (x, y) = (x + 8.0, y + 4.0);
    writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{peer}</text>")
        .expect("text grows");
}
